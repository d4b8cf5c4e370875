namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// A4: a seat's report to a session that one node could not read counted as taken, while the node that had the session in memory waited for it for ever. It is
/// repeated now.
/// </summary>
public sealed class Seed_173_ReportToASessionInQuarantine() : Regression(seed: 173);
