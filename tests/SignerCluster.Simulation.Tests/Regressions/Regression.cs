namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// A seed that once found something, for ever. The seed no longer plays the same scene once the simulator or the product has changed, but it plays.
/// </summary>
public abstract class Regression(long seed, string part = "pure")
{
    [Fact]
    public async Task It_finds_nothing_any_more()
    {
        using TemporaryFolder folder = new();
        SimulatorRun run = await SimulatorRun.OfAsync(part, [], seed, seed, folder);
        Assert.True(run.ExitCode == 0 && run.Violated.Count == 0, run.Said);
    }
}
