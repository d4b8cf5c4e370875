using System.Collections.Immutable;
using System.Numerics;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// What a node remembers of the other nodes' locks, and its judgement: dead is whose lock was seen on this very connection, is gone while the own one is still
/// there, and whose port refuses. Two witnesses, because each is wrong alone: a restart of the database takes all locks at once, a node may lose only its
/// database, and a port may refuse for a moment while its process lives.
/// </summary>
internal sealed record LockHistory
{
    // Whose port did not refuse is most often cut off from the database, and each dial costs it a connection that says nothing.
    private const int LooksBetweenLateDials = 10;

    private readonly long? _connection;

    // For each lock that was seen: how many looks in a row it has not been there.
    private readonly ImmutableDictionary<int, int> _looksWithout;

    private LockHistory(long? connection, ImmutableDictionary<int, int> looksWithout) => (_connection, _looksWithout) = (connection, looksWithout);

    internal static LockHistory Nothing { get; } = new(null, ImmutableDictionary<int, int>.Empty);

    /// <summary>The history after one more look.</summary>
    /// <param name="members">The incarnations that are members of the cluster; a lock that is gone is forgotten when its holder is none.</param>
    internal LockHistory After(NodeLocksView view, IReadOnlySet<int> members)
    {
        if (!view.HoldsOwn)
        {
            return Nothing;
        }

        ImmutableDictionary<int, int> known = view.Connection == _connection ? _looksWithout : ImmutableDictionary<int, int>.Empty;
        IEnumerable<KeyValuePair<int, int>> gone = known
            .Where(lost => !view.Holders.Contains(lost.Key) && members.Contains(lost.Key))
            .Select(static lost => KeyValuePair.Create(lost.Key, lost.Value + 1));
        return new LockHistory(view.Connection, view.Holders.Select(static held => KeyValuePair.Create(held, 0)).Concat(gone).ToImmutableDictionary());
    }

    /// <summary>Was the lock of this incarnation seen, and is it gone now?</summary>
    internal bool IsGone(int node) => _looksWithout.GetValueOrDefault(node) > 0;

    /// <summary>
    /// Should the port of this incarnation be asked now? At once when its lock has gone, a few times more soon after, because a dying process may close its
    /// connection to the database before its port, and rarely from then on.
    /// </summary>
    internal bool IsDueForDial(int node)
    {
        int looks = _looksWithout.GetValueOrDefault(node);
        return looks > 0 && (looks < LooksBetweenLateDials ? BitOperations.IsPow2(looks) : looks % LooksBetweenLateDials == 0);
    }

    /// <summary>The judgement.</summary>
    internal bool IsDead(int node, bool refuses) => refuses && IsGone(node);
}
