using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Audit;

/// <summary>Opens rows as they were found in the store, for readers of a whole journal.</summary>
internal sealed class RowOpening(IJournalStore store, KeyKeeper keeper)
{
    private readonly SealedJournal _journal = keeper.Sealed;

    /// <summary>The journal that opens on the way.</summary>
    internal IJournal Journal => _journal;

    /// <summary>The rows after an ordering in their order, opened on another thread; none when there are no more. Throws <see cref="JournalException"/>.</summary>
    internal Task<List<OpenedRow>> ReadPageAsync(long afterOrdering, int limit, CancellationToken cancellation) => Task.Run(
        async () =>
        {
            List<OpenedRow> page = [];
            foreach (StoredRow stored in await store.ReadAllAsync(afterOrdering, limit, cancellation))
            {
                page.Add(EntityId.TryParse(stored.PersistenceId, out EntityId id)
                    ? await TryOpenAsync(id, stored, cancellation)
                    : new OpenedRow(stored, null, default, null));
            }

            return page;
        },
        cancellation);

    /// <summary>The rows of an entity after a number, as far as they can be opened. Throws <see cref="JournalException"/>.</summary>
    internal async IAsyncEnumerable<OpenedRow> ReadRestAsync(EntityId id, long afterNumber, [EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<JournalRow> rows = [];
        try
        {
            rows = await store.ReadAsync(id, afterNumber, cancellation);
        }
        catch (UnreadableHistoryException)
        {
            // They are not rows that could hold an event.
        }

        foreach (JournalRow row in rows)
        {
            OpenedRow opened = await TryOpenAsync(id, new StoredRow(id.ToString(), row), cancellation);
            if (opened.Fault is null)
            {
                yield return opened;
            }
        }
    }

    private async ValueTask<OpenedRow> TryOpenAsync(EntityId id, StoredRow stored, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> plain = await OpenAsync(id, stored, cancellation);
            return new OpenedRow(stored, id, plain, null) { Digest = FixedBytes.From<Bytes32>(SHA256.HashData(plain.Span)) };
        }
        catch (UnreadableHistoryException unreadable)
        {
            return new OpenedRow(stored, id, default, unreadable);
        }
    }

    /// <summary>
    /// The row's plain message. Throws <see cref="UnreadableHistoryException"/>, or <see cref="JournalException"/> while its key cannot be had.
    /// </summary>
    internal async ValueTask<ReadOnlyMemory<byte>> OpenAsync(EntityId id, StoredRow stored, CancellationToken cancellation)
    {
        if (id == EntityAddress.KeyRing)
        {
            return stored.Row.KeyEpoch == 0
                ? stored.Row.Message
                : throw new UnreadableHistoryException(
                    id, stored.Row.SequenceNumber, QuarantineReason.EnvelopeMalformed, "a row of the key ring is never sealed.");
        }

        try
        {
            return (await _journal.OpenAsync(id, stored.Row, cancellation)).Message;
        }
        catch (UnreadableHistoryException unreadable) when (unreadable.Reason == QuarantineReason.KeyUnknown)
        {
            // A running signer may have re-sealed the row and retired its old key since the page was read.
            IReadOnlyList<StoredRow> again = await store.ReadAllAsync(stored.Row.Ordering - 1, 1, cancellation);
            StoredRow anew = again is [{ } found] && found.Row.Ordering == stored.Row.Ordering ? found : stored;
            return (await _journal.OpenAsync(id, anew.Row, cancellation)).Message;
        }
    }
}

/// <summary>A row as an audit finds it.</summary>
/// <param name="Id">Null where the row stands under what is no entity's id.</param>
/// <param name="Plain">The message; empty where it does not open.</param>
/// <param name="Fault">Why it does not open; null when it does.</param>
internal sealed record OpenedRow(StoredRow Stored, EntityId? Id, ReadOnlyMemory<byte> Plain, UnreadableHistoryException? Fault)
{
    /// <summary>SHA-256 of <see cref="Plain"/>; zeros where the row does not open.</summary>
    internal Bytes32 Digest { get; init; }
}
