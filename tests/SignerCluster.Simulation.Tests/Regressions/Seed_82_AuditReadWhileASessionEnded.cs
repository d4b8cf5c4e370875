namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>X0: the simulator's own audit went on over a list that a late abort changed.</summary>
public sealed class Seed_82_AuditReadWhileASessionEnded() : Regression(seed: 82);
