using System.CommandLine;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Reports;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos;

/// <summary>How the process ends. A contract with whoever starts it.</summary>
internal static class ExitCode
{
    internal const int Passed = 0;
    internal const int Failed = 1;
    internal const int Usage = 2;

    /// <summary>Something that the scenario needs is missing, or the run was stopped.</summary>
    internal const int NotRun = 3;
}

/// <summary>The command line: <c>run</c> and <c>list</c>.</summary>
internal static class Verbs
{
    private const string All = "all";

    internal static Option<bool> Json { get; } = new("--json") { Description = "Print exactly one JSON object.", Recursive = true };

    internal static Option<bool> Verbose { get; } =
        new("--verbose") { Description = "Tell on stderr what happens, also where that is no terminal.", Recursive = true };

    internal static RootCommand Create(Screen screen)
    {
        Argument<string> target = new("TARGET") { Description = "A scenario's file or name, a directory of scenarios, the name of a set, or all." };
        Option<long> seed = new("--seed") { Description = "What the run draws its times, nodes and messages from.", DefaultValueFactory = static _ => 1 };
        Option<int> times = new("--times") { Description = "How often, each time with the next seed.", DefaultValueFactory = static _ => 1 };
        Option<bool> keep = new("--keep") { Description = "Leave journals and logs in their folder." };
        Command run = new("run", "Run scenarios against real processes.") { target, seed, times, keep };
        run.SetAction((parsed, cancellation) =>
            RunAsync(screen, parsed.GetValue(target)!, parsed.GetValue(seed), parsed.GetValue(times), parsed.GetValue(keep), cancellation));
        Command list = new("list", "The scenarios, and when each has passed.");
        list.SetAction((_, cancellation) => ListAsync(screen, cancellation));
        return new RootCommand("Real processes, real kills: runs scenarios against a cluster of its own and audits everything that was ever released.")
        {
            run, list, Json, Verbose,
        };
    }

    private static async Task<int> RunAsync(Screen screen, string target, long seed, int times, bool keep, CancellationToken cancellation)
    {
        if (times < 1 || seed < 0)
        {
            throw new UsageException("--times is at least 1 and --seed at least 0.");
        }

        Product product = Product.Find();
        IReadOnlyList<Scenario> scenarios = await SelectAsync(product, target, cancellation);
        await using Runner runner = new(product, keep, screen.Tell);
        RunListReport report = await runner.RunAsync(scenarios, seed, times, cancellation);
        if (report.Runs is [{ } only])
        {
            screen.Show(only, Screen.Json.RunReport, Screen.Page(only));
        }
        else
        {
            screen.Show(report, Screen.Json.RunListReport, Screen.Page(report));
        }

        return report switch
        {
            { Passed: true } => ExitCode.Passed,
            _ when report.Runs.Any(static run => run is { Passed: false, NotRun: null }) => ExitCode.Failed,
            _ => ExitCode.NotRun,
        };
    }

    private static async Task<int> ListAsync(Screen screen, CancellationToken cancellation)
    {
        IReadOnlyList<Scenario> scenarios = await SelectAsync(Product.Find(), All, cancellation);
        ScenarioListReport report = new(
            [.. scenarios.Select(static scenario => new ScenarioLine(scenario.Name, scenario.About, scenario.Criterion, scenario.Sets, scenario.Needs))]);
        screen.Show(report, Screen.Json.ScenarioListReport, report.Scenarios.SelectMany(static line => (string[])
        [
            $"{line.Scenario}{(line.Sets.Count == 0 ? string.Empty : $"  [{string.Join(", ", line.Sets)}]")}"
                + $"{(line.Needs.Count == 0 ? string.Empty : $"  needs {string.Join(", ", line.Needs)}")}",
            $"    {line.About}",
            $"    Passes when: {line.PassesWhen}",
        ]));
        return ExitCode.Passed;
    }

    private static async Task<IReadOnlyList<Scenario>> SelectAsync(Product product, string target, CancellationToken cancellation)
    {
        string beside = Path.Combine(product.Scenarios, $"{target}.conf");
        if (File.Exists(target) || File.Exists(beside))
        {
            return [await ReadAsync(product, File.Exists(target) ? target : beside, cancellation)];
        }

        string folder = Directory.Exists(target) ? target : product.Scenarios;
        List<Scenario> scenarios = [];
        foreach (string file in Directory.GetFiles(folder, "*.conf").Order(StringComparer.Ordinal))
        {
            scenarios.Add(await ReadAsync(product, file, cancellation));
        }

        Scenario[] chosen = [.. scenarios.Where(scenario => target == All || folder == target || scenario.Sets.Contains(target, StringComparer.Ordinal))];
        return chosen.Length > 0
            ? chosen
            : throw new UsageException($"{target} is no scenario, no directory with scenarios and no set. Run: signer chaos list");
    }

    private static async Task<Scenario> ReadAsync(Product product, string file, CancellationToken cancellation) =>
        ScenarioReader.Read(await product.ReadHoconAsync(file, cancellation), Path.GetFileName(file));
}
