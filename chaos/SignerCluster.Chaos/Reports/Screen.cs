using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SignerCluster.Chaos.Reports;

/// <summary>Results on stdout, everything else on stderr; progress only on a terminal.</summary>
internal sealed class Screen(bool json, bool verbose)
{
    private const int DetailWidth = 110;
    private static readonly ReportJson _readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Stopwatch _watch = Stopwatch.StartNew();

    internal static ReportJson Json => _readable;

    /// <summary>What happens, as it happens.</summary>
    internal void Tell(string what)
    {
        if (verbose || !Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,7:0.00}  {what}"));
        }
    }

    internal void Show<T>(T report, JsonTypeInfo<T> type, IEnumerable<string> lines)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, type));
            return;
        }

        foreach (string line in lines)
        {
            Console.Out.WriteLine(line);
        }
    }

    internal void Fail(string code, string message)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(
                new ErrorReport(new ErrorContent(code, code == "usage" ? "terminal" : "recoverable", message)), _readable.ErrorReport));
        }
        else
        {
            Console.Error.WriteLine($"signer chaos: {message}");
        }
    }

    /// <summary>One run on one page.</summary>
    internal static IEnumerable<string> Page(RunReport run)
    {
        yield return $"{run.Scenario}, seed {run.Seed}: {Word(run)}";
        if (run.NotRun is { } why)
        {
            yield return $"  {why}";
        }

        foreach (Check check in run.Checks)
        {
            yield return $"  {(check.Passed ? "ok  " : "FAIL")} {check.Name,-22} "
                + $"{(check.Passed && check.Detail.Length > DetailWidth ? $"{check.Detail[..DetailWidth]}…" : check.Detail)}";
        }

        if (run.Figures.Count > 0)
        {
            yield return "  "
                + $"{string.Join(", ", run.Figures.Select(static figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:0.##}")))}";
        }
    }

    /// <summary>Several runs: what failed in full, then one line for each.</summary>
    internal static IEnumerable<string> Page(RunListReport runs)
    {
        foreach (RunReport failed in runs.Runs.Where(static run => !run.Passed))
        {
            foreach (string line in Page(failed))
            {
                yield return line;
            }

            yield return string.Empty;
        }

        yield return $"{"scenario",-38} {"seed",6}  {"result",-8} {"sessions",8} {"p50 ms",8} {"slowest",8} {"faults",6} {"seconds",8}";
        foreach (RunReport run in runs.Runs)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Scenario,-38} {run.Seed,6}  {Word(run),-8} {Figure(run, "signed"),8:0} {Figure(run, "p50Ms"),8:0} {Figure(run, "slowestMs"),8:0} "
                    + $"{Figure(run, "faults"),6:0} {Figure(run, "seconds"),8:0.0}");
        }

        yield return $"{runs.Runs.Count(static run => run.Passed)} passed, {runs.Runs.Count(static run => !run.Passed)} failed";
    }

    private static double Figure(RunReport run, string name) => run.Figures.GetValueOrDefault(name);

    private static string Word(RunReport run) => run.NotRun is not null ? "not run" : run.Passed ? "passed" : "FAILED";
}
