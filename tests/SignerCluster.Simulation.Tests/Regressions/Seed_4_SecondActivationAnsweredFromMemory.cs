namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// D8, N6: a second activation refused, and showed a session as running, from what it remembered. What is answered without an append now asks the journal for
/// the entity's version first.
/// </summary>
public sealed class Seed_4_SecondActivationAnsweredFromMemory() : Regression(seed: 4);
