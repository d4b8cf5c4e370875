using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// The locks that the nodes of one cluster hold at their database, one for each incarnation (<c>UniqueAddress.Uid</c>) and held by a connection that ends with
/// its process. A lock that is there proves a living process; one that is gone proves nothing alone.
/// </summary>
public interface INodeLocks
{
    /// <summary>
    /// Tells who holds locks now, after taking the lock of <paramref name="own"/> if this connection does not have it yet: at the first look, and at the first
    /// one after the connection was lost. Never answers from memory. Throws <see cref="JournalException"/> when the database cannot be asked; the look after
    /// that is made on another connection.
    /// </summary>
    ValueTask<NodeLocksView> LookAsync(int own, CancellationToken cancellation);
}

/// <summary>What one look at the locks found.</summary>
/// <param name="Connection">
/// Another number for each connection. Locks that were seen on another one may have gone with the database and not with their holders.
/// </param>
/// <param name="HoldsOwn">Is this node's own lock held by this very connection?</param>
/// <param name="Holders">The incarnations that hold a lock, the own one too.</param>
public sealed record NodeLocksView(long Connection, bool HoldsOwn, IReadOnlySet<int> Holders);
