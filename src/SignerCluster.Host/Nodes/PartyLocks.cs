using Akka.Cluster;
using SignerCluster.Actors.Downing;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>The locks of a party's nodes at its database, as its cluster looks at them. Disposing gives this node's lock up.</summary>
internal sealed class PartyLocks(PostgresDatabase database) : INodeLocks, IAsyncDisposable
{
    private readonly NodeLocks _locks = new(database);

    public async ValueTask<NodeLocksView> LookAsync(int own, CancellationToken cancellation)
    {
        HeldNodeLocks held = await _locks.LookAsync(own, cancellation);
        return new NodeLocksView(held.Connection, held.HoldsOwn, held.Nodes);
    }

    /// <summary>Does no other node of the party live? Takes this node's lock. Throws <see cref="JournalException"/>.</summary>
    internal async ValueTask<bool> IsAloneAsync(Cluster cluster, CancellationToken cancellation)
    {
        int own = cluster.SelfUniqueAddress.Uid;
        return (await LookAsync(own, cancellation)).Holders.All(holder => holder == own);
    }

    public ValueTask DisposeAsync() => _locks.DisposeAsync();
}
