namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// A4: a vault with little room was filled by sessions of which each held some seats and none held enough. Nonces expire, and the room is a limit of memory,
/// not of the protocol.
/// </summary>
public sealed class Seed_81_SessionsHeldEachOthersNonceRoom() : Regression(seed: 81);
