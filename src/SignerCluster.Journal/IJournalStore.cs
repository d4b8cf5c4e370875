using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal;

/// <summary>
/// A journal as its adapter keeps it: knows which key epoch is active and under which one every row is sealed, and can be read whole.
/// Entities never see this side; they are given the <see cref="IJournal"/> that seals and opens on the way.
/// Every adapter passes <c>JournalSpec</c>.
/// </summary>
public interface IJournalStore : IJournal
{
    /// <summary>The active key epoch: what the last append with <see cref="JournalAppend.ActivatesKeyEpoch"/> said; 0 before the first.</summary>
    ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation);

    /// <summary>
    /// At most <paramref name="limit"/> rows of any entity in the order of their commits, after an ordering; for audits. Rows are given as they are found,
    /// also of histories that cannot be read and under ids that are none.
    /// </summary>
    ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation);

    /// <summary>
    /// At most <paramref name="limit"/> rows that are sealed under an epoch from 1 to <paramref name="epoch"/> - 1, after an ordering, in the order of their
    /// commits. Seeks, never scans.
    /// </summary>
    ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation);

    /// <summary>
    /// Replaces the messages of rows that still stand under the epoch they were read under, in one transaction, and only while
    /// <see cref="ResealedRow.KeyEpoch"/> is the active epoch. Nothing else of a row changes. Returns how many were replaced; the others are as they were.
    /// Doing it again is always safe. Throws <see cref="JournalException"/>.
    /// </summary>
    ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation);
}

/// <summary>A row with the persistence id under which it is stored, which may be no <see cref="EntityId"/> when the store was damaged.</summary>
public readonly record struct StoredRow(string PersistenceId, JournalRow Row);

/// <summary>A row's message sealed anew.</summary>
/// <param name="Ordering">Which row.</param>
/// <param name="OldKeyEpoch">The epoch under which it was read.</param>
/// <param name="KeyEpoch">The epoch under which <paramref name="Message"/> is sealed.</param>
public readonly record struct ResealedRow(long Ordering, int OldKeyEpoch, int KeyEpoch, ReadOnlyMemory<byte> Message);
