namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>A4: one process put the ring under another key-encryption key, and another one went on asking the old provider. Providers are looked up anew at every fetch.</summary>
public sealed class Seed_503_RewrapElsewhereLeftANodeWithTheOldProvider() : Regression(seed: 503);
