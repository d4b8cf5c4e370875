namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>A4: as seed 173, with a restart in between.</summary>
public sealed class Seed_390_ReportToASessionInQuarantineOverARestart() : Regression(seed: 390);
