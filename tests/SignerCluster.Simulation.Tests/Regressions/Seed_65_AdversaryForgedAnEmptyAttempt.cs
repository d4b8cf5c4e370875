namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>X0: the simulator's own adversary threw over an attempt with an empty included set.</summary>
public sealed class Seed_65_AdversaryForgedAnEmptyAttempt() : Regression(seed: 65);
