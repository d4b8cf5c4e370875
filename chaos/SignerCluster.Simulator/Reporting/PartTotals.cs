using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>What was counted in all seeds of one part.</summary>
internal sealed class PartTotals(Part part)
{
    private readonly long[] _faults = new long[FaultNames.All.Count];

    internal Part Part => part;

    internal long Steps { get; private set; }

    internal Coverage Coverage { get; } = new();

    /// <summary>From so many seeds on, everything must have happened at least once.</summary>
    internal const int SeedsForCoverage = 500;

    /// <summary>Faults and transitions that must happen in a long run and did not, named with their part.</summary>
    internal IEnumerable<string> Missing() =>
        FaultNames.All.Where(kind => Count(kind) == 0 && FaultNames.IsIn(kind, part)).Select(FaultNames.Of)
            .Concat(Coverage.ExpectedOf(part).Where(transition => !Coverage.Counts.ContainsKey(transition)))
            .Select(missing => $"{Wording.SnakeCase(part.ToString())}: {missing}");

    /// <summary>How often a kind of fault happened.</summary>
    internal long Count(FaultKind kind) => _faults[(int)kind];

    internal void Add(SeedReport report)
    {
        Steps += report.Steps;
        Coverage.Add(report.Coverage);
        foreach (FaultKind kind in FaultNames.All)
        {
            _faults[(int)kind] += report.Faults[(int)kind];
        }
    }
}
