using System.Text.Json.Serialization;

namespace SignerCluster.Chaos.Reports;

/// <summary>One criterion of a run.</summary>
internal sealed record Check(string Name, bool Passed, string Detail);

/// <summary>What became of one run.</summary>
/// <param name="NotRun">Why it could not be run; null when it ran. A run that could not be run has not passed.</param>
/// <param name="Figures">Numbers by name; times in milliseconds.</param>
internal sealed record RunReport(
    string Scenario, long Seed, bool Passed, IReadOnlyList<Check> Checks, IReadOnlyDictionary<string, double> Figures, string? NotRun = null)
{
    internal static RunReport Missing(string scenario, long seed, string why) =>
        new(scenario, seed, false, [], new Dictionary<string, double>(StringComparer.Ordinal), why);
}

/// <summary>Several runs.</summary>
internal sealed record RunListReport(IReadOnlyList<RunReport> Runs, bool Passed);

/// <summary>One scenario of a list.</summary>
internal sealed record ScenarioLine(string Scenario, string About, string PassesWhen, IReadOnlyList<string> Sets, IReadOnlyList<string> Needs);

internal sealed record ScenarioListReport(IReadOnlyList<ScenarioLine> Scenarios);

internal sealed record ErrorReport(ErrorContent Error);

internal sealed record ErrorContent(string Code, string Class, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(RunListReport))]
[JsonSerializable(typeof(ScenarioListReport))]
[JsonSerializable(typeof(ErrorReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
