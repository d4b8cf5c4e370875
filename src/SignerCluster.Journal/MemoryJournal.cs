using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal;

/// <summary>
/// The journal in memory: the specification that every other adapter is compared with, and the store of tests and of the simulator.
/// An append replaces one immutable snapshot by the next, so readers never wait and a listing shows the journal as it stood when it began.
/// </summary>
public sealed class MemoryJournal : IJournalStore
{
    private Snapshot _snapshot = Snapshot.Empty;

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        while (true)
        {
            Snapshot before = Volatile.Read(ref _snapshot);
            long actualVersion = before.HistoryOf(append.Id).Version;
            if (actualVersion != append.ExpectedVersion)
                return new(new AppendOutcome.Conflict(actualVersion));
            if (append.KeyEpoch != 0 && append.KeyEpoch != before.KeyEpoch)
                return new(new AppendOutcome.StaleKeyEpoch(before.KeyEpoch));
            if (TryReplace(before, before.With(append)))
                return new(new AppendOutcome.Appended(actualVersion + append.Entries.Count));
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        History history = Current.HistoryOf(id);
        for (long number = 1; number <= history.Version; number++)
        {
            if (!history.Rows.ContainsKey(number))
                throw new UnreadableHistoryException(id, number, QuarantineReason.RowMissing, "it is missing.");
        }

        IReadOnlyList<JournalRow> rows = [.. history.Rows.Values.Where(row => row.SequenceNumber > afterSequenceNumber)];
        return new(rows);
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Current.HistoryOf(id).Version);
    }

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation)
    {
        Snapshot now = Current;
        return OfKindAsync(now.Open, kind, id => new OpenEntity(id, now.HistoryOf(id).Version), cancellation);
    }

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => OfKindAsync(Current.Known, kind, static id => id, cancellation);

    public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Current.KeyEpoch);
    }

    public ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Page(afterOrdering, limit, static _ => true));
    }

    public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Page(afterOrdering, limit, row => row.KeyEpoch >= 1 && row.KeyEpoch < epoch));
    }

    public ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (true)
        {
            Snapshot before = Current;
            int replaced = 0;
            Snapshot after = before;
            foreach (ResealedRow anew in rows.Where(row => row.KeyEpoch == before.KeyEpoch))
            {
                if (after.At(anew.Ordering) is ({ } id, { } row) && row.KeyEpoch == anew.OldKeyEpoch)
                {
                    after = after.With(id, [row with { KeyEpoch = anew.KeyEpoch, Message = anew.Message.ToArray() }]);
                    replaced++;
                }
            }

            if (TryReplace(before, after))
                return new(replaced);
        }
    }

    /// <summary>
    /// What a bad disk or a bad hand does to stored rows, for tests and the simulator: every row of the entity is replaced by what is returned for it; null
    /// removes it. The journal is not told, as it would not be.
    /// </summary>
    public void Damage(EntityId id, Func<JournalRow, JournalRow?> damage)
    {
        Snapshot before;
        do
        {
            before = Current;
        }
        while (!TryReplace(before, before.Select((of, row) => of == id ? damage(row) : row)));
    }

    /// <summary>What an operator does with a backup: puts rows of the entity back as they were.</summary>
    public void Restore(EntityId id, IReadOnlyList<JournalRow> rows)
    {
        Snapshot before;
        do
        {
            before = Current;
        }
        while (!TryReplace(before, before.With(id, rows)));
    }

    private Snapshot Current => Volatile.Read(ref _snapshot);

    private bool TryReplace(Snapshot before, Snapshot after) => Interlocked.CompareExchange(ref _snapshot, after, before) == before;

    private List<StoredRow> Page(long afterOrdering, int limit, Func<JournalRow, bool> wanted)
    {
        Snapshot now = Current;
        List<StoredRow> page = [];
        for (long ordering = afterOrdering + 1; ordering <= now.LastOrdering && page.Count < limit; ordering++)
        {
            if (now.At(ordering) is ({ } id, { } row) && wanted(row))
                page.Add(new StoredRow(id.ToString(), row));
        }

        return page;
    }

#pragma warning disable CS1998 // Nothing to wait for in memory; the port is asynchronous for the others.
    private static async IAsyncEnumerable<T> OfKindAsync<T>(
        ImmutableSortedDictionary<long, EntityId> entities, string kind, Func<EntityId, T> listed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (EntityId id in entities.Values.Where(id => id.Kind == kind))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return listed(id);
        }
    }
#pragma warning restore CS1998

    /// <summary>The rows by number. <c>Version</c> is kept beside them, so that a missing last row shows.</summary>
    private sealed record History(long FirstOrdering, long Version, ImmutableSortedDictionary<long, JournalRow> Rows);

    /// <summary>
    /// Everything at one moment. <c>Known</c> and <c>Open</c> are keyed by the ordering of an entity's first row; <c>Places</c> tells at index n - 1 what has
    /// ordering n.
    /// </summary>
    private sealed record Snapshot(
        ImmutableDictionary<EntityId, History> Histories,
        ImmutableSortedDictionary<long, EntityId> Known,
        ImmutableSortedDictionary<long, EntityId> Open,
        ImmutableList<(EntityId Id, long SequenceNumber)> Places,
        int KeyEpoch)
    {
        public static readonly Snapshot Empty = new(
            ImmutableDictionary<EntityId, History>.Empty,
            ImmutableSortedDictionary<long, EntityId>.Empty,
            ImmutableSortedDictionary<long, EntityId>.Empty,
            [],
            0);

        public long LastOrdering => Places.Count;

        /// <summary>The row with an ordering; null when it was removed.</summary>
        public (EntityId? Id, JournalRow? Row) At(long ordering)
        {
            if (ordering < 1 || ordering > LastOrdering)
                return (null, null);
            (EntityId id, long number) = Places[(int)ordering - 1];
            return Histories[id].Rows.TryGetValue(number, out JournalRow row) ? (id, row) : (null, null);
        }

        public History HistoryOf(EntityId id) =>
            Histories.GetValueOrDefault(id) ?? new History(LastOrdering + 1, 0, ImmutableSortedDictionary<long, JournalRow>.Empty);

        public Snapshot With(JournalAppend append)
        {
            History history = HistoryOf(append.Id);
            IEnumerable<KeyValuePair<long, JournalRow>> rows = append.Entries.Select(
                (entry, index) => KeyValuePair.Create(append.ExpectedVersion + 1 + index, new JournalRow(
                    append.ExpectedVersion + 1 + index,
                    entry.Manifest,
                    entry.Message.ToArray(),
                    append.Writer,
                    append.Created,
                    LastOrdering + 1 + index,
                    append.KeyEpoch)));
            return new Snapshot(
                Histories.SetItem(append.Id, history with { Rows = history.Rows.AddRange(rows), Version = append.ExpectedVersion + append.Entries.Count }),
                Known.SetItem(history.FirstOrdering, append.Id),
                append.OpenAfter ? Open.SetItem(history.FirstOrdering, append.Id) : Open.Remove(history.FirstOrdering),
                Places.AddRange(append.Entries.Select((_, index) => (append.Id, append.ExpectedVersion + 1 + index))),
                Math.Max(KeyEpoch, append.ActivatesKeyEpoch));
        }

        public Snapshot With(EntityId id, IReadOnlyList<JournalRow> rows) => this with
        {
            Histories = Histories.SetItem(
                id, Histories[id] with { Rows = Histories[id].Rows.SetItems(rows.Select(static row => KeyValuePair.Create(row.SequenceNumber, row))) }),
        };

        public Snapshot Select(Func<EntityId, JournalRow, JournalRow?> change) => this with
        {
            Histories = Histories.ToImmutableDictionary(
                static history => history.Key,
                history => history.Value with
                {
                    Rows = history.Value.Rows.Values
                        .Select(row => (row.SequenceNumber, Changed: change(history.Key, row)))
                        .Where(static row => row.Changed is not null)
                        .ToImmutableSortedDictionary(static row => row.SequenceNumber, static row => row.Changed!.Value),
                }),
        };
    }
}
