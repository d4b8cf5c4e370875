using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Keys;

/// <summary>Where the keys of one journal stand. Reading it needs no key-encryption key, so it can be told while the provider is down.</summary>
/// <param name="Ring">The ring as its history says.</param>
/// <param name="EarlierRows">How many rows are still sealed under which epoch before the active one; only epochs that have any.</param>
public sealed record KeyStatus(KeyRingState Ring, IReadOnlyDictionary<int, long> EarlierRows)
{
    private const int PageLength = 1024;

    /// <summary>
    /// Reads ring and rows, also beside a process that writes them. Takes time in proportion to the rows under earlier epochs, not to the others. Throws
    /// <see cref="JournalException"/>, and <see cref="UnreadableHistoryException"/> when the ring's own history cannot be trusted.
    /// </summary>
    public static async ValueTask<KeyStatus> ReadAsync(IJournalStore store, IProgress<long>? progress, CancellationToken cancellation)
    {
        (KeyRingState ring, _) = await History.LoadAsync(
            store, EntityAddress.KeyRing, KeyRingState.Empty, KeyRingDecider.Decider.Evolve, KeyRingCodec.Events, cancellation);
        SortedDictionary<int, long> earlier = [];
        long counted = 0;
        IReadOnlyList<StoredRow> page = [];
        do
        {
            page = await store.ReadSealedBeforeAsync(ring.Active?.Epoch ?? 0, page.Count == 0 ? 0 : page[^1].Row.Ordering, PageLength, cancellation);
            foreach (StoredRow stored in page)
            {
                earlier[stored.Row.KeyEpoch] = earlier.GetValueOrDefault(stored.Row.KeyEpoch) + 1;
            }

            progress?.Report(counted += page.Count);
        }
        while (page.Count == PageLength);
        return new KeyStatus(ring, earlier);
    }
}
