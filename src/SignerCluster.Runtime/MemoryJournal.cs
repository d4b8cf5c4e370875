using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace SignerCluster.Runtime;

/// <summary>
/// The journal in memory: the specification that every other adapter is compared with, and the store of tests and of the simulator.
/// An append replaces one immutable snapshot by the next, so readers never wait and a listing shows the journal as it stood when it began.
/// </summary>
public sealed class MemoryJournal : IJournal
{
    private Snapshot _snapshot = Snapshot.Empty;

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        while (true)
        {
            Snapshot before = Volatile.Read(ref _snapshot);
            long actualVersion = before.HistoryOf(append.Id).Rows.Count;
            if (actualVersion != append.ExpectedVersion)
                return new(new AppendOutcome.Conflict(actualVersion));
            if (Interlocked.CompareExchange(ref _snapshot, before.With(append), before) == before)
                return new(new AppendOutcome.Appended(actualVersion + append.Entries.Count));
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<JournalRow> rows = [.. Volatile.Read(ref _snapshot).HistoryOf(id).Rows.Where(row => row.SequenceNumber > afterSequenceNumber)];
        return new(rows);
    }

    public IAsyncEnumerable<EntityId> ListOpenAsync(string kind, CancellationToken cancellation) =>
        OfKindAsync(Volatile.Read(ref _snapshot).Open, kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) =>
        OfKindAsync(Volatile.Read(ref _snapshot).Known, kind, cancellation);

#pragma warning disable CS1998 // Nothing to wait for in memory; the port is asynchronous for the others.
    private static async IAsyncEnumerable<EntityId> OfKindAsync(
        ImmutableSortedDictionary<long, EntityId> entities, string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (EntityId id in entities.Values.Where(id => id.Kind == kind))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return id;
        }
    }
#pragma warning restore CS1998

    private sealed record History(long FirstOrdering, ImmutableList<JournalRow> Rows);

    /// <summary>Everything at one moment. <c>Known</c> and <c>Open</c> are keyed by the ordering of an entity's first row.</summary>
    private sealed record Snapshot(
        ImmutableDictionary<EntityId, History> Histories,
        ImmutableSortedDictionary<long, EntityId> Known,
        ImmutableSortedDictionary<long, EntityId> Open,
        long LastOrdering)
    {
        public static readonly Snapshot Empty = new(
            ImmutableDictionary<EntityId, History>.Empty, ImmutableSortedDictionary<long, EntityId>.Empty, ImmutableSortedDictionary<long, EntityId>.Empty, 0);

        public History HistoryOf(EntityId id) => Histories.GetValueOrDefault(id) ?? new History(LastOrdering + 1, []);

        public Snapshot With(JournalAppend append)
        {
            History history = HistoryOf(append.Id);
            IEnumerable<JournalRow> rows = append.Entries.Select((entry, index) => new JournalRow(
                append.ExpectedVersion + 1 + index, entry.Manifest, entry.Message.ToArray(), append.Writer, append.Created, LastOrdering + 1 + index));
            return new Snapshot(
                Histories.SetItem(append.Id, history with { Rows = history.Rows.AddRange(rows) }),
                Known.SetItem(history.FirstOrdering, append.Id),
                append.OpenAfter ? Open.SetItem(history.FirstOrdering, append.Id) : Open.Remove(history.FirstOrdering),
                LastOrdering + append.Entries.Count);
        }
    }
}
