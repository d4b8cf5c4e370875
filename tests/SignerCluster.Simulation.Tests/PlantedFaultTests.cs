namespace SignerCluster.Simulation.Tests;

/// <summary>The checker is checked: every planted fault is found with the seeds that its plant states, and without a plant those seeds find nothing.</summary>
public sealed class PlantedFaultTests
{
    public static TheoryData<string> Names => [.. PlantedFaults.All.Select(static fault => fault.Name)];

    [Fact]
    public void Every_planted_fault_has_a_name_of_its_own_an_invariant_and_a_budget()
    {
        Assert.Distinct(PlantedFaults.All.Select(static fault => fault.Name));
        Assert.All(PlantedFaults.All, static fault => Assert.True(fault.Invariants.Count > 0 && fault.Seeds > 0 && fault.Edits.Count > 0, fault.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_fault_fits_the_code(string name) => Assert.All(
        Named(name).Edits, static edit => Assert.Contains(edit.Replacement, edit.ApplyTo(File.ReadAllText(Checkout.PathOf(edit.File))), StringComparison.Ordinal));

    [SimulatedTheory]
    [MemberData(nameof(Names))]
    public async Task The_simulator_finds_the_planted_fault(string name)
    {
        using TemporaryFolder folder = new();
        PlantedFault fault = Named(name);
        SimulatorRun run = await SimulatorRun.OfAsync(await MutantCompiler.CompileAsync(fault.Edits, folder), fault.Seeds, folder);
        Assert.True(run.ExitCode == 1 && run.Violated.Count > 0, $"'{name}' was not found with seeds 1..{fault.Seeds}: {run.Said}");
        Assert.Contains(run.Violated[0], fault.Invariants);
    }

    [SimulatedFact]
    public async Task With_none_planted_it_finds_nothing()
    {
        using TemporaryFolder folder = new();
        SimulatorRun run = await SimulatorRun.OfAsync([], PlantedFaults.All.Max(static fault => fault.Seeds), folder);
        Assert.True(run.ExitCode == 0 && run.Violated.Count == 0, run.Said);
    }

    private static PlantedFault Named(string name) => PlantedFaults.All.Single(fault => fault.Name == name);
}

/// <summary>Needs the simulator's sources in the checkout.</summary>
internal sealed class SimulatedFactAttribute : FactAttribute
{
    public SimulatedFactAttribute() => Skip = Checkout.HasSimulator ? null : $"chaos/{Checkout.Simulator} is not in this checkout.";
}

/// <inheritdoc cref="SimulatedFactAttribute"/>
internal sealed class SimulatedTheoryAttribute : TheoryAttribute
{
    public SimulatedTheoryAttribute() => Skip = Checkout.HasSimulator ? null : $"chaos/{Checkout.Simulator} is not in this checkout.";
}
