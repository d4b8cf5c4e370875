using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;

namespace SignerCluster.Journal.Documents;

/// <summary>The sealed seats of one node, under the keys of its journal's ring.</summary>
public sealed class SeatFiles(INodeDocuments documents)
{
    /// <summary>
    /// Seals and stores a seat under the active key. Throws <see cref="DataDirectoryException"/> (<c>document_exists</c>) when there is one already.
    /// </summary>
    public async ValueTask CreateAsync(GroupId group, SecretShare share, KeyKeeper keeper, Entropy entropy)
    {
        NodeDocument seat = SeatFile.Create(group, share, await keeper.KeyForSealingAsync(messages: 1), entropy);
        if (!await documents.TryCreateAsync(DocumentKind.Seat, seat))
        {
            throw new DataDirectoryException("document_exists", $"{Locate(seat)} is there already; a seat is installed once.", isTransient: false);
        }
    }

    /// <summary>Opens every seat. Throws <see cref="DataDirectoryException"/> for the first that cannot be used; nothing stays in memory then.</summary>
    internal async ValueTask<IReadOnlyList<(string Place, GroupId Group, SecretShare Share)>> OpenAllAsync(DataKeys keys, CancellationToken cancellation)
    {
        List<(string Place, GroupId Group, SecretShare Share)> opened = [];
        bool isWhole = false;
        try
        {
            foreach (NodeDocument document in await documents.ReadAllAsync(DocumentKind.Seat, cancellation))
            {
                (GroupId group, SecretShare share) = SeatFile.Open(document, Locate(document), keys);
                opened.Add((Locate(document), group, share));
            }

            isWhole = true;
            return opened;
        }
        finally
        {
            if (!isWhole)
            {
                opened.ForEach(static seat => seat.Share.Dispose());
            }
        }
    }

    /// <summary>
    /// Tries every seat: what is wrong with it, or null. A seat is usable when it opens and holds the share that its group's public data names.
    /// </summary>
    internal async ValueTask<IReadOnlyList<(string Name, string? Fault)>> CheckAsync(
        DataKeys keys, Func<GroupId, ThresholdInfo?> groups, CancellationToken cancellation) =>
        [.. (await documents.ReadAllAsync(DocumentKind.Seat, cancellation)).Select(document => (document.Name, FaultOf(document, keys, groups)))];

    /// <summary>
    /// Seals what stands under an earlier key under the active one. Returns how many seats still need which epoch, because they could not be opened or somebody
    /// else was at them.
    /// </summary>
    internal async ValueTask<IReadOnlyDictionary<int, long>> ResealAsync(KeyKeeper keeper, Entropy entropy, CancellationToken cancellation)
    {
        Dictionary<int, long> needed = [];
        foreach (NodeDocument document in await documents.ReadAllAsync(DocumentKind.Seat, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            DataKey active = await keeper.KeyForSealingAsync(messages: 1);
            if (SeatFile.EpochOf(document) is var epoch && epoch < active.Epoch && !await TryResealAsync(document, keeper.Keys, active, entropy))
            {
                needed[epoch] = needed.GetValueOrDefault(epoch) + 1;
            }
        }

        return needed;
    }

    private async ValueTask<bool> TryResealAsync(NodeDocument document, DataKeys keys, DataKey active, Entropy entropy) =>
        SeatFile.TryReseal(document, Locate(document), keys, active, entropy) is { } resealed
        && await documents.TryReplaceAsync(DocumentKind.Seat, document with { Content = resealed }, document.Content);

    private string? FaultOf(NodeDocument document, DataKeys keys, Func<GroupId, ThresholdInfo?> groups)
    {
        try
        {
            (GroupId group, SecretShare share) = SeatFile.Open(document, Locate(document), keys);
            using (share)
            {
                return groups(group) is { } known && known.PublicShare(share.Seat) == share.PublicShare
                    ? null
                    : "It does not belong to a group that this node knows.";
            }
        }
        catch (DataDirectoryException unusable)
        {
            return unusable.Message;
        }
    }

    private string Locate(NodeDocument document) => documents.Locate(DocumentKind.Seat, document.Name);
}
