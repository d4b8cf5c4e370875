using System.Text.Json;

namespace SignerCluster.Simulation.Tests;

/// <summary>A seed is worth something only if it plays the same scene again, in whatever process.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [InlineData("pure")]
    [InlineData("actors")]
    public async Task The_same_seeds_do_the_same_things_in_the_same_order_in_another_process_and_other_seeds_do_not(string part)
    {
        string first = await DigestAsync(part, 1, 20);
        Assert.Equal(first, await DigestAsync(part, 1, 20));
        Assert.NotEqual(first, await DigestAsync(part, 21, 40));
    }

    private static async Task<string> DigestAsync(string part, long first, long last)
    {
        using TemporaryFolder folder = new();
        SimulatorRun run = await SimulatorRun.OfAsync(part, [], first, last, folder);
        Assert.True(run.ExitCode == 0, run.Said);
        using JsonDocument report = JsonDocument.Parse(run.Said);
        return report.RootElement.GetProperty("digest").GetString()!;
    }
}
