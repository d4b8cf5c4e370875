using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Audit;

/// <summary>Opens rows as they were found in the store, for readers of a whole journal.</summary>
internal sealed class RowOpening(IJournalStore store, KeyKeeper keeper)
{
    private readonly SealedJournal _journal = keeper.Sealed;

    /// <summary>The journal that opens on the way.</summary>
    internal IJournal Journal => _journal;

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
