using System.Collections.Frozen;
using SignerCluster.Actors.Downing;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// The locks of a party's nodes at its database, as its cluster looks at them. A node holds one from the moment that it is a member: so whoever finds none may
/// form a cluster, and nobody waits for a process that itself only waits. Disposing gives this node's lock up.
/// </summary>
internal sealed class PartyLocks(PostgresDatabase database, string party, NodeClaim claim) : INodeLocks, IAsyncDisposable
{
    private static readonly NodeLocksView _outside = new(0, HoldsOwn: false, FrozenSet<int>.Empty);
    private readonly NodeLocks _locks = new(database, claim);
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

    /// <summary>
    /// Throws <see cref="JournalException"/>, a transient <c>node_name_taken</c> or <c>roster_differs</c>, while a member has this node's name or another
    /// roster.
    /// </summary>
    internal async ValueTask DemandPlaceAsync(CancellationToken cancellation)
    {
        if (await NodeLocks.IsNameTakenAsync(database, claim, cancellation))
        {
            throw new JournalException(
                "node_name_taken",
                $"Another process runs as the node {claim.Name} of {party}. Stop it, or give each node a node.name and a nodes.address of its own.",
                isTransient: true);
        }

        if (await NodeLocks.IsRosterAnotherAsync(database, claim, cancellation))
        {
            throw new JournalException(
                "roster_differs",
                $"Nodes of {party} run with another roster than node.roster-file of {claim.Name}: other parties, roles or identity keys. Give all of them the "
                    + "file that the operators agreed on; where it changed, stop those that run with the old one first.",
                isTransient: true);
        }
    }

    /// <summary>This node is a member from now on. Throws <see cref="JournalException"/>.</summary>
    internal async ValueTask EnterAsync(int own, CancellationToken cancellation)
    {
        _isMember = true;
        await LookAsync(own, cancellation);
    }

    public ValueTask DisposeAsync() => _locks.DisposeAsync();
}
