using Microsoft.Extensions.Logging;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;

namespace SignerCluster.Journal.Keys;

/// <summary>What a keeper of keys works with.</summary>
/// <param name="Ring">What reaches the ring of the store; whoever made it ends it, after the keeper.</param>
/// <param name="Seats">The seat files that are sealed under the same ring; null for a node that has none. A key is not retired while one of them needs
/// it.</param>
public sealed record KeyKeeperParts(
    IJournalStore Store,
    IKeyRing Ring,
    SeatFiles? Seats,
    IKeyProvider Provider,
    KeyKeeperSettings Settings,
    Entropy Entropy,
    TimeProvider Time,
    ILoggerFactory Logs);
