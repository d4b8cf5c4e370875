using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// The journal as entities see it: every message is sealed on its way into the store and opened on its way out. Which key is right is decided by the
/// store in the append's own transaction; an append that lost against a rotation is sealed anew and tried again, so no lock is held anywhere and no
/// row is ever sealed with a stale key (K1).
/// </summary>
internal sealed class SealedJournal(IJournalStore store, KeyKeeper keeper, Entropy entropy) : IJournal
{
    /// <summary>How many rotations one append may lose against before its writer is told to come back.</summary>
    private const int MaximumTries = 16;

    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        try
        {
            for (int tries = 1; tries <= MaximumTries; tries++)
            {
                DataKey key = await keeper.KeyForSealingAsync(append.Entries.Count);
                AppendOutcome outcome = await store.AppendAsync(append with { Entries = Seal(key, append), KeyEpoch = key.Epoch });
                if (outcome is not AppendOutcome.StaleKeyEpoch stale)
                {
                    return outcome;
                }

                await keeper.CatchUpAsync(stale.ActiveEpoch, CancellationToken.None);
            }

            return new AppendOutcome.NotWritten(
                new JournalException("key_contended", "The journal's key is being rotated faster than anything can be written.", isTransient: true));
        }
        catch (KeyProviderException down)
        {
            return new AppendOutcome.NotWritten(KeyKeeper.Unavailable(down));
        }
        catch (JournalException down)
        {
            // The ring could not be asked; of the append itself nothing has reached the store.
            return new AppendOutcome.NotWritten(down);
        }
    }

    public async ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        try
        {
            return await OpenAllAsync(id, afterSequenceNumber, cancellation);
        }
        catch (UnreadableHistoryException unreadable) when (unreadable.Reason == QuarantineReason.KeyUnknown)
        {
            // The row may have been re-sealed and its old key retired between the read and the look for the key.
            return await OpenAllAsync(id, afterSequenceNumber, cancellation);
        }
    }

    private async ValueTask<IReadOnlyList<JournalRow>> OpenAllAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        IReadOnlyList<JournalRow> rows = await store.ReadAsync(id, afterSequenceNumber, cancellation);
        JournalRow[] opened = new JournalRow[rows.Count];
        for (int i = 0; i < opened.Length; i++)
        {
            opened[i] = await OpenAsync(id, rows[i], cancellation);
        }

        return opened;
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => store.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => store.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => store.ListAsync(kind, cancellation);

    /// <summary>
    /// The row with its plain message. Throws <see cref="UnreadableHistoryException"/>, or <see cref="JournalException"/> while its key cannot be had.
    /// </summary>
    internal async ValueTask<JournalRow> OpenAsync(EntityId id, JournalRow row, CancellationToken cancellation)
    {
        if (!Envelope.TryReadHeader(row.Message.Span, out int epoch, out KeyId keyId))
        {
            throw Unreadable(id, row, QuarantineReason.EnvelopeMalformed, "its message is not sealed in a known way.");
        }

        DataKey? key = keeper.Keys.Find(epoch, keyId) ?? await FetchKeyAsync(epoch, keyId, cancellation);
        if (key is null)
        {
            throw Unreadable(id, row, QuarantineReason.KeyUnknown, $"the key ring has no key {keyId} of epoch {epoch}, or has retired it.");
        }

        return epoch == row.KeyEpoch && Envelope.OpenRow(key, id, row.SequenceNumber, row.Manifest, row.Message.Span) is { } message
            ? row with { Message = message }
            : throw Unreadable(id, row, QuarantineReason.RowUnauthentic, "it was altered, truncated, or belongs to another place.");
    }

    private static UnreadableHistoryException Unreadable(EntityId id, in JournalRow row, string reason, string message) =>
        new(id, row.SequenceNumber, reason, message);

    private JournalEntry[] Seal(DataKey key, JournalAppend append) =>
    [
        .. append.Entries.Select((entry, index) => entry with
        {
            Message = Envelope.SealRow(key, append.Id, append.ExpectedVersion + 1 + index, entry.Manifest, entry.Message.Span, entropy),
        }),
    ];

    // Another process over the same store may have rotated since the ring was last read here.
    private async ValueTask<DataKey?> FetchKeyAsync(int epoch, KeyId id, CancellationToken cancellation)
    {
        try
        {
            await keeper.OpenEpochAsync(epoch, id, cancellation);
            return keeper.Keys.Find(epoch, id);
        }
        catch (KeyProviderException down)
        {
            throw KeyKeeper.Unavailable(down);
        }
    }
}
