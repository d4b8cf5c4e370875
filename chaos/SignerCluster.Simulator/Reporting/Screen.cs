using System.Text.Encodings.Web;
using System.Text.Json;

namespace SignerCluster.Simulator.Reporting;

/// <summary>Where a run is shown: the report on stdout, progress on stderr while that is a terminal.</summary>
internal sealed class Screen(bool json)
{
    private static readonly ReportJson _readable = new(
        new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });
    private readonly bool _hasProgress = !Console.IsErrorRedirected;

    internal void ShowProgress(CommandLine line, SeedRange range)
    {
        if (_hasProgress)
        {
            Console.Error.Write($"\r{range.Digests.Count} of {line.Last - line.First + 1} seeds, {range.Steps} steps, {range.Broken.Count} violations ");
        }
    }

    internal void ShowShrinking(long seed)
    {
        if (_hasProgress)
        {
            Console.Error.Write($"\rshrinking seed {seed} … ");
        }
    }

    internal void EndProgress()
    {
        if (_hasProgress)
        {
            Console.Error.WriteLine();
        }
    }

    internal void Show(RunReport report)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, _readable.RunReport));
            return;
        }

        foreach (Violation violation in report.Violations)
        {
            Console.Out.WriteLine($"seed {violation.Seed} ({violation.Part}) breaks {violation.Invariant}: {violation.Message}");
            Console.Out.WriteLine($"  again: {violation.Replay}");
            foreach (string step in violation.Trace)
            {
                Console.Out.WriteLine($"  {step}");
            }

            Console.Out.WriteLine();
        }

        Console.Out.WriteLine($"faults       {Counted(report.Faults)}");
        Console.Out.WriteLine($"transitions  {Counted(report.Transitions)}");
        foreach ((long seed, string digest) in report.Digests ?? new Dictionary<long, string>())
        {
            Console.Out.WriteLine($"digest {seed} {digest}");
        }

        foreach (string missing in report.Missing)
        {
            Console.Out.WriteLine($"never happened: {missing}");
        }

        Console.Out.WriteLine(
            $"{report.Seeds} seeds, {report.Steps} steps in {report.Seconds} s ({report.SeedsPerSecond} seeds/s, {report.StepsPerSecond} steps/s; "
            + $"{string.Join(", ", report.Parts.Select(static part => $"{part.Key} {part.Value} steps"))}), {report.Violations.Count} "
            + $"violations, digest {report.Digest}");
    }

    internal static void Complain(string wrong, bool json)
    {
        Console.Error.WriteLine($"{wrong}\n\n{CommandLine.Usage}");
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new ErrorDocument(new Error("usage", "usage", wrong)), _readable.ErrorDocument));
        }
    }

    private static string Counted(IReadOnlyDictionary<string, long> counts) => string.Join(", ", counts.Select(static count => $"{count.Key} {count.Value}"));
}
