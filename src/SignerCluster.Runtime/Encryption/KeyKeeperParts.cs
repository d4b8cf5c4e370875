using Microsoft.Extensions.Logging;

namespace SignerCluster.Runtime;

/// <summary>What a keeper of keys works with.</summary>
/// <param name="Seats">The seat files that are sealed under the same ring; null for a node that has none. A key is not retired while one of them needs it.</param>
/// <param name="Schedule">Where the ring's reader runs; null for the thread pool.</param>
public sealed record KeyKeeperParts(
    IJournalStore Store,
    SeatFiles? Seats,
    IKeyProvider Provider,
    KeyKeeperSettings Settings,
    Quarantine Quarantine,
    Entropy Entropy,
    TimeProvider Time,
    ILoggerFactory Logs,
    Action<IThreadPoolWorkItem>? Schedule = null);
