using SignerCluster.Simulation.Tests.Plants;
using Xunit.Abstractions;

namespace SignerCluster.Simulation.Tests;

/// <summary>
/// The checker is checked: every planted fault is found with the seeds that its plant states, and without a plant many more seeds find nothing.
/// </summary>
public sealed class PlantedFaultTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. PlantedFaults.All.Select(static fault => fault.Name)];

    [Fact]
    public void Every_planted_fault_has_a_name_of_its_own_an_invariant_and_a_budget()
    {
        Assert.Distinct(PlantedFaults.All.Select(static fault => fault.Name));
        Assert.All(PlantedFaults.All, static fault => Assert.True(fault.Invariants.Count > 0 && fault.Budgets.Any() && fault.Edits.Count > 0, fault.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_fault_fits_the_code(string name) => Assert.All(
        Named(name).Edits,
        static edit => Assert.Contains(edit.Replacement, edit.ApplyTo(File.ReadAllText(Checkout.PathOf(edit.File))), StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_simulator_finds_the_planted_fault(string name)
    {
        using TemporaryFolder folder = new();
        PlantedFault fault = Named(name);
        IReadOnlyList<string> mutants = await MutantCompiler.CompileAsync(fault.Edits, folder);
        foreach ((string part, int seeds) in fault.Budgets)
        {
            SimulatorRun run = await SimulatorRun.OfAsync(part, mutants, seeds, folder);
            Assert.True(run.ExitCode == 1 && run.Violated.Count > 0, $"'{name}' was not found in the part '{part}' with seeds 1..{seeds}: {run.Said}");
            output.WriteLine($"{name}: {part} {run.Violated[0].Invariant} at seed {run.Violated[0].Seed}");
            Assert.Contains(run.Violated[0].Invariant, fault.Invariants);
        }
    }

    /// <summary>More seeds than any plant needs. A fault or a transition that none of them met would end the run with 1 too.</summary>
    [Theory]
    [InlineData("pure", 2_000)]
    [InlineData("actors", 2_000)]
    public async Task With_none_planted_many_more_seeds_find_nothing_and_meet_every_fault(string part, int seeds)
    {
        Assert.All(PlantedFaults.All.SelectMany(static fault => fault.Budgets), budget => Assert.True(budget.Part != part || budget.Seeds < seeds));
        using TemporaryFolder folder = new();
        SimulatorRun run = await SimulatorRun.OfAsync(part, [], seeds, folder);
        Assert.True(run.ExitCode == 0 && run.Violated.Count == 0, run.Said);
    }

    private static PlantedFault Named(string name) => PlantedFaults.All.Single(fault => fault.Name == name);
}
