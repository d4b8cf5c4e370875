using System.Collections.Frozen;
using SignerCluster.Actors.Downing;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// The locks of a party's nodes at its database, as its cluster looks at them. A node holds one from the moment that it is a member: so whoever finds none may
/// form a cluster, and nobody waits for a process that itself only waits. Disposing gives this node's lock up.
/// </summary>
internal sealed class PartyLocks(PostgresDatabase database) : INodeLocks, IAsyncDisposable
{
    private static readonly NodeLocksView _outside = new(0, HoldsOwn: false, FrozenSet<int>.Empty);
    private readonly NodeLocks _locks = new(database);
    private volatile bool _isMember;

    public async ValueTask<NodeLocksView> LookAsync(int own, CancellationToken cancellation)
    {
        if (!_isMember)
        {
            return _outside;
        }

        HeldNodeLocks held = await _locks.LookAsync(own, cancellation);
        return new NodeLocksView(held.Connection, held.HoldsOwn, held.Nodes);
    }

    /// <summary>Is no node a member of the party's cluster? Throws <see cref="JournalException"/>.</summary>
    internal async ValueTask<bool> AreNoneAsync(CancellationToken cancellation) => !await NodeLocks.AnyAsync(database, cancellation);

    /// <summary>This node is a member from now on. Throws <see cref="JournalException"/>.</summary>
    internal async ValueTask EnterAsync(int own, CancellationToken cancellation)
    {
        _isMember = true;
        await LookAsync(own, cancellation);
    }

    public ValueTask DisposeAsync() => _locks.DisposeAsync();
}
