using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>What a re-sealing did.</summary>
/// <param name="Rows">Rows that stand under the active key now and did not before.</param>
/// <param name="Unreadable">Rows and files that still stand under earlier keys, mostly because they cannot be opened; they keep these keys from being
/// retired.</param>
/// <param name="IsComplete">Does nothing else stand under an earlier key?</param>
public sealed record ResealReport(long Rows, long Unreadable, bool IsComplete);

/// <summary>Moves what is sealed under earlier keys to the active one, and retires the keys that nothing needs any more.</summary>
internal sealed class Resealing(IJournalStore store, SeatFiles? seats, SealedJournal journal, KeyKeeper keeper, Entropy entropy)
{
    private const int PageLength = 256;

    /// <summary>One pass to its end, without pauses.</summary>
    internal async ValueTask<ResealReport> RunAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        Pass pass = Begin();
        while (!await pass.StepAsync(PageLength, cancellation))
        {
            progress?.Report(pass.Rows);
        }

        progress?.Report(pass.Rows);
        return pass.Report;
    }

    internal Pass Begin() => new(this, keeper.Keys.Active?.Epoch ?? 0);

    private async ValueTask<ResealedRow?> ResealAsync(StoredRow stored, CancellationToken cancellation)
    {
        if (!EntityId.TryParse(stored.PersistenceId, out EntityId id))
        {
            return null;
        }

        try
        {
            JournalRow plain = await journal.OpenAsync(id, stored.Row, cancellation);
            DataKey key = await keeper.KeyForSealingAsync(messages: 1);
            byte[] envelope = Envelope.SealRow(key, id, plain.SequenceNumber, plain.Manifest, plain.Message.Span, entropy);
            return new ResealedRow(plain.Ordering, stored.Row.KeyEpoch, key.Epoch, envelope);
        }
        catch (UnreadableHistoryException)
        {
            // Its entity is in quarantine until somebody restores the row, and then needs the key that the row was sealed under.
            return null;
        }
    }

    /// <summary>
    /// One walk over everything sealed before the epoch that is active when it begins. It can be left at any step and begun again: what it has moved is
    /// no longer in its way.
    /// </summary>
    internal sealed class Pass(Resealing owner, int active)
    {
        private long _after;
        private long _left;

        /// <summary>The epoch that was active at the beginning.</summary>
        internal int Active => active;

        internal long Rows { get; private set; }

        internal ResealReport Report => new(Rows, _left, _left == 0);

        /// <summary>Re-seals at most so many rows; true when nothing is left to do and the keys that became idle are retired.</summary>
        internal async ValueTask<bool> StepAsync(int rows, CancellationToken cancellation)
        {
            IReadOnlyList<StoredRow> page = await owner.ReadAsync(active, _after, rows, cancellation);
            if (page.Count == 0)
            {
                await FinishAsync(cancellation);
                return true;
            }

            List<ResealedRow> resealed = [];
            foreach (StoredRow stored in page)
            {
                if (await owner.ResealAsync(stored, cancellation) is { } anew)
                {
                    resealed.Add(anew);
                }
            }

            Rows += await owner.ReplaceAsync(resealed, cancellation);
            _after = page[^1].Row.Ordering;
            return false;
        }

        private async ValueTask FinishAsync(CancellationToken cancellation)
        {
            Dictionary<int, long> needed = new(await owner.ResealSeatsAsync(cancellation));
            await owner.CountLeftAsync(active, needed, cancellation);
            _left = needed.Values.Sum();
            await owner.RetireAsync(active, needed);
        }
    }

    /// <summary>
    /// Counts what stands under earlier keys after all, by epoch: rows that could not be opened, rows that somebody else replaced first, rows that were put
    /// back behind the walk. Only what is looked at now can say that a key is needed by nothing.
    /// </summary>
    private async ValueTask CountLeftAsync(int before, Dictionary<int, long> needed, CancellationToken cancellation)
    {
        IReadOnlyList<StoredRow> page = [];
        do
        {
            page = await ReadAsync(before, page.Count == 0 ? 0 : page[^1].Row.Ordering, PageLength, cancellation);
            foreach (StoredRow stored in page)
            {
                needed[stored.Row.KeyEpoch] = needed.GetValueOrDefault(stored.Row.KeyEpoch) + 1;
            }
        }
        while (page.Count == PageLength);
    }

    private async ValueTask<IReadOnlyDictionary<int, long>> ResealSeatsAsync(CancellationToken cancellation) =>
        seats is null ? System.Collections.Immutable.ImmutableDictionary<int, long>.Empty : await seats.ResealAsync(keeper, entropy, cancellation);

    private ValueTask<IReadOnlyList<StoredRow>> ReadAsync(int epoch, long after, int limit, CancellationToken cancellation) =>
        store.ReadSealedBeforeAsync(epoch, after, limit, cancellation);

    private ValueTask<int> ReplaceAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation) =>
        rows.Count == 0 ? new(0) : store.ResealAsync(rows, cancellation);

    private async ValueTask RetireAsync(int before, IReadOnlyDictionary<int, long> needed)
    {
        if (needed.ContainsKey(SeatFile.UnknownEpoch))
        {
            // A file that does not even say which key it needs may need any of them.
            return;
        }

        KeyRingState ring = await keeper.ShowAsync();
        foreach (RingKey key in ring.Keys.Where(key => key.Phase == KeyPhase.Superseded && key.Epoch < before && !needed.ContainsKey(key.Epoch)))
        {
            await keeper.RetireAsync(key.Epoch, neededBy: 0);
        }
    }
}
