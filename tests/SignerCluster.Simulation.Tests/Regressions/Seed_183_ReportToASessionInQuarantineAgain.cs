namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>A4: as seed 173, with the roles of the coordinator's nodes exchanged.</summary>
public sealed class Seed_183_ReportToASessionInQuarantineAgain() : Regression(seed: 183);
