using System.Text.Json;

namespace SignerCluster.Simulation.Tests;

/// <summary>What a run of the simulator found: its exit code and the invariants that were violated with their seeds, first first.</summary>
internal sealed record SimulatorRun(int ExitCode, IReadOnlyList<(int Seed, string Invariant)> Violated, string Said)
{
    internal const int Steps = 2_000;

    // A watchdog against a hang on a busy machine, never a wait.
    private static readonly TimeSpan _watchdog = TimeSpan.FromMinutes(10);

    /// <summary>Runs the simulator as it was built, with some of its assemblies and settings replaced.</summary>
    internal static Task<SimulatorRun> OfAsync(string part, IReadOnlyList<string> mutants, int seeds, TemporaryFolder folder) =>
        OfAsync(part, mutants, 1, seeds, folder);

    /// <summary>The same for seeds from another first one on.</summary>
    internal static async Task<SimulatorRun> OfAsync(string part, IReadOnlyList<string> mutants, long first, long last, TemporaryFolder folder)
    {
        string program = CopyOutput(Checkout.Output(Checkout.Simulator), folder);
        foreach (string mutant in mutants)
        {
            string place = Path.GetExtension(mutant) == ".conf" ? "run/hocon" : "run";
            File.Copy(mutant, folder.PathOf($"{place}/{Path.GetFileName(mutant)}"), overwrite: true);
        }

        Ended ended = await Child.RunAsync(
            Path.GetDirectoryName(program)!, _watchdog, program, "--seeds", $"{first}..{last}", "--part", part, "--steps", $"{Steps}", "--first", "--unshrunk",
            "--json");
        return new SimulatorRun(ended.ExitCode, Violations(ended), ended.Out + ended.Error);
    }

    /// <summary>Copies a program with all that it needs and returns its path in the copy.</summary>
    private static string CopyOutput(string output, TemporaryFolder folder)
    {
        Assert.True(Directory.Exists(output), $"{output} is not there: build the solution first.");
        foreach (string file in Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, folder.PathOf(Path.Combine("run", Path.GetRelativePath(output, file))), overwrite: true);
        }

        string program = Assert.Single(Directory.GetFiles(output, "*.runtimeconfig.json"));
        return folder.PathOf($"run/{Path.GetFileName(program).Replace(".runtimeconfig.json", ".dll", StringComparison.Ordinal)}");
    }

    private static IReadOnlyList<(int Seed, string Invariant)> Violations(Ended ended)
    {
        try
        {
            using JsonDocument report = JsonDocument.Parse(ended.Out);
            return [.. report.RootElement.GetProperty("violations").EnumerateArray()
                .Select(static violation => (violation.GetProperty("seed").GetInt32(), violation.GetProperty("invariant").GetString()!))];
        }
        catch (JsonException)
        {
            Assert.Fail($"The simulator ended with {ended.ExitCode} and without a report: {ended.Out}{ended.Error}");
            throw;
        }
    }
}
