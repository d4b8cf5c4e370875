namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>X0: a re-wrap that waited for its provider met a key that had been retired in the meantime, and threw. It looks at the ring again.</summary>
public sealed class Seed_700_RewrapMetAKeyThatWasRetiredMeanwhile() : Regression(seed: 700);
