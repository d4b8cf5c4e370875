using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>
/// Makes a finding easier to read: runs its seed again with one kind of fault less at a time, then with fewer orders, and keeps every change under which
/// the same invariant is still broken. Streams of choices are separate, so what is left out does not reshuffle the rest more than it must.
/// </summary>
internal static class Shrinking
{
    private static readonly int[] _orders = [1, 2, 3, 5, 8];

    internal static (SimulationSettings Settings, SeedReport Report) Shrink(SimulationSettings settings, SeedReport report)
    {
        foreach (FaultKind kind in FaultNames.All.Where(kind => !settings.Disabled.Contains(kind)))
        {
            Keep(settings with { Disabled = new HashSet<FaultKind>(settings.Disabled) { kind } }, ref settings, ref report);
        }

        foreach (int orders in _orders.TakeWhile(orders => orders < settings.MaximumOrders))
        {
            if (Keep(settings with { MaximumOrders = orders }, ref settings, ref report))
            {
                break;
            }
        }

        return (settings, report);
    }

    private static bool Keep(SimulationSettings candidate, ref SimulationSettings settings, ref SeedReport report)
    {
        SeedReport again = Simulation.Run(candidate);
        bool same = again.Finding?.Invariant == report.Finding!.Invariant;
        if (same)
        {
            (settings, report) = (candidate, again);
        }

        return same;
    }
}
