namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// G7: a seat that was asked before its guardian heard of the first rules wrote on a slow disk, and the checker counted the time of the answer instead of that
/// of the question.
/// </summary>
public sealed class Seed_2803_SeatWroteSlowlyWhenItsGuardianBegan() : Regression(seed: 2803, part: "actors");
