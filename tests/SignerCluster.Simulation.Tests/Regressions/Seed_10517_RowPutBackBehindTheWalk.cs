namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// K6: a row that was put back behind a re-sealing walk was not counted, its key was retired, and the row opened no more. Keys are retired after a count of
/// their own now.
/// </summary>
public sealed class Seed_10517_RowPutBackBehindTheWalk() : Regression(seed: 10517);
