using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal;

/// <summary>
/// The append-only history of every entity of one operator. Sequence numbers of an entity start at 1 and have no gap.
/// Every adapter passes <c>JournalSpec</c>.
/// </summary>
public interface IJournal
{
    /// <summary>
    /// Appends all entries of one entity, or none. When it answers <see cref="AppendOutcome.Appended"/>, the entries survive the
    /// death of the process and of the machine. Takes no cancellation: an append that began has an outcome that someone must learn.
    /// Storage faults are outcomes, never exceptions.
    /// </summary>
    ValueTask<AppendOutcome> AppendAsync(JournalAppend append);

    /// <summary>
    /// The entity's rows after a sequence number, ascending; empty for an entity that was never written.
    /// Throws <see cref="JournalException"/> when the storage cannot be read, and <see cref="UnreadableHistoryException"/> when it was read but a row is
    /// missing (also the last one) or is not what was written: never returns a part of a history as if it were the whole.
    /// </summary>
    ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation);

    /// <summary>
    /// The number of the entity's last row; 0 for one that was never written. As cheap as a read can be. Throws <see cref="JournalException"/>.
    /// </summary>
    ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation);

    /// <summary>
    /// Entities of a kind whose last append said <see cref="JournalAppend.OpenAfter"/>, in the order of their first append; never scans the history.
    /// </summary>
    IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation);

    /// <summary>All entities of a kind in the order of their first append.</summary>
    IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation);
}

/// <summary>
/// An entity that still owes something, and the number of its last row when it was listed: one that stays the same tells that nobody works on it.
/// </summary>
public readonly record struct OpenEntity(EntityId Id, long Version);

/// <summary>One event as it is stored: the name of its type and its encoded bytes.</summary>
public readonly record struct JournalEntry(string Manifest, ReadOnlyMemory<byte> Message);

/// <summary>A request to append <paramref name="Entries"/> (at least one) as numbers ExpectedVersion + 1 and up.</summary>
/// <param name="ExpectedVersion">The last sequence number that the writer has seen; 0 for a new entity.</param>
/// <param name="OpenAfter">Does the entity still owe anything after this? Updated in the same transaction, read by
/// <see cref="IJournal.ListOpenAsync"/>.</param>
/// <param name="Writer">The activation that writes, for the audit of who wrote what.</param>
public sealed record JournalAppend(
    EntityId Id, long ExpectedVersion, IReadOnlyList<JournalEntry> Entries, bool OpenAfter, Guid Writer, DateTimeOffset Created)
{
    /// <summary>The key epoch that the messages are sealed under; 0 when they are not sealed. The store refuses any but the active one.</summary>
    public int KeyEpoch { get; init; }

    /// <summary>The key epoch that is active from this append on, in the same transaction; 0 when it changes nothing. Only ever grows.</summary>
    public int ActivatesKeyEpoch { get; init; }

    /// <summary>Every adapter calls this first: an append that no journal could store is the caller's mistake, not an outcome.</summary>
    public void ThrowIfMalformed()
    {
        _ = Id.ToString();
        ArgumentOutOfRangeException.ThrowIfNegative(ExpectedVersion, nameof(ExpectedVersion));
        ArgumentOutOfRangeException.ThrowIfNegative(KeyEpoch, nameof(KeyEpoch));
        ArgumentOutOfRangeException.ThrowIfNegative(ActivatesKeyEpoch, nameof(ActivatesKeyEpoch));
        ArgumentOutOfRangeException.ThrowIfZero(Entries.Count, nameof(Entries));
        foreach (JournalEntry entry in Entries)
            ArgumentException.ThrowIfNullOrEmpty(entry.Manifest, nameof(Entries));
    }
}

/// <summary>One stored event. <paramref name="Ordering"/> grows with commits over all entities of the journal.</summary>
/// <param name="KeyEpoch">The key epoch that the message is sealed under in the store; 0 when it is not sealed.</param>
public readonly record struct JournalRow(
    long SequenceNumber, string Manifest, ReadOnlyMemory<byte> Message, Guid Writer, DateTimeOffset Created, long Ordering, int KeyEpoch);
