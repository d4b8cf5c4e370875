namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// A4: one process put the ring under another key-encryption key, and another one went on asking the old provider. That is the operator's to prevent: the
/// simulated one now gives every node the new provider, as a real one has to.
/// </summary>
public sealed class Seed_503_RewrapElsewhereLeftANodeWithTheOldProvider() : Regression(seed: 503);
