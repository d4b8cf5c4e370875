using System.Text.Json.Serialization;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>What a run of many seeds found. This is the object that <c>--json</c> prints.</summary>
/// <param name="Missing">Faults and transitions that never happened in a part although the run was long enough; a run that does not reach them proves nothing
/// about them.</param>
/// <param name="Parts">The steps of each part.</param>
internal sealed record RunReport(
    long Seeds,
    long Steps,
    double Seconds,
    double SeedsPerSecond,
    double StepsPerSecond,
    IReadOnlyList<Violation> Violations,
    IReadOnlyDictionary<string, long> Faults,
    IReadOnlyDictionary<string, long> Transitions,
    IReadOnlyList<string> Missing,
    IReadOnlyDictionary<string, long> Parts,
    string Digest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<long, string>? Digests)
{
    [JsonIgnore]
    internal bool IsClean => Violations.Count == 0 && Missing.Count == 0;

    internal static RunReport Of(CommandLine line, SeedRange range, IReadOnlyList<Violation> violations, TimeSpan elapsed)
    {
        Digest digest = new();
        foreach (ulong seed in range.Digests.Values)
        {
            digest.Add(seed);
        }

        int seeds = range.Digests.Count;
        SortedDictionary<string, long> faults = new(StringComparer.Ordinal);
        foreach (FaultKind kind in FaultNames.All)
        {
            faults[FaultNames.Of(kind)] = range.Parts.Sum(part => part.Count(kind));
        }

        Coverage coverage = new();
        foreach (PartTotals part in range.Parts)
        {
            coverage.Add(part.Coverage);
        }

        return new RunReport(
            seeds,
            range.Steps,
            Math.Round(elapsed.TotalSeconds, 3),
            Math.Round(seeds / elapsed.TotalSeconds, 1),
            Math.Round(range.Steps / elapsed.TotalSeconds),
            violations,
            faults,
            new SortedDictionary<string, long>(coverage.Counts.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
            line.Without.Count == 0 && seeds >= PartTotals.SeedsForCoverage ? [.. range.Parts.SelectMany(static part => part.Missing())] : [],
            range.Parts.ToDictionary(static part => Wording.SnakeCase(part.Part.ToString()), static part => part.Steps),
            $"{digest.Value:x16}",
            line.Digests ? range.Digests.ToDictionary(static seed => seed.Key, static seed => $"{seed.Value:x16}") : null);
    }
}

/// <summary>One seed that broke an invariant, shrunk.</summary>
/// <param name="Part">Of the seed's worlds, the one that broke it.</param>
/// <param name="Replay">The command that shows it again.</param>
/// <param name="Trace">The last notable steps, oldest first.</param>
internal sealed record Violation(long Seed, string Part, string Invariant, string Message, string Replay, IReadOnlyList<string> Trace)
{
    internal static Violation Of(SimulationSettings settings, SeedReport report)
    {
        string without = settings.Disabled.Count == 0 ? string.Empty : $" --without {string.Join(',', settings.Disabled.Order().Select(FaultNames.Of))}";
        string orders = settings.MaximumOrders == int.MaxValue ? string.Empty : $" --orders {settings.MaximumOrders}";
        return new Violation(
            report.Seed,
            Wording.SnakeCase(report.Part.ToString()),
            report.Finding!.Invariant,
            report.Finding.Message,
            $"signer simulate --seeds {settings.Seed} --part {Wording.SnakeCase(settings.Part.ToString())} --steps {settings.Steps}{without}{orders}",
            report.Trace);
    }
}

/// <summary>What <c>--json</c> prints instead when the command line is wrong.</summary>
internal sealed record ErrorDocument(Error Error);

/// <summary>Code, class and a sentence for people.</summary>
internal sealed record Error(string Code, string Class, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(ErrorDocument))]
internal sealed partial class ReportJson : JsonSerializerContext;
