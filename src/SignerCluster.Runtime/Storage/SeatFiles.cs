using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>The sealed seat files of one node, under the keys of its journal's ring.</summary>
public sealed class SeatFiles(NodeDirectory node)
{
    private IEnumerable<string> Paths =>
        Directory.Exists(node.SeatsPath) ? Directory.EnumerateFiles(node.SeatsPath, "*.json").Order(StringComparer.Ordinal) : [];

    /// <summary>Writes a seat's file, sealed under the active key. Throws <see cref="DataDirectoryException"/> when there is one already.</summary>
    public async ValueTask CreateAsync(GroupId group, SecretShare share, KeyKeeper keeper, Entropy entropy) =>
        SeatFile.Create(node, group, share, await keeper.KeyForSealingAsync(messages: 1), entropy);

    /// <summary>Opens every file. Throws <see cref="DataDirectoryException"/> for the first that cannot be used; nothing stays in memory then.</summary>
    internal IReadOnlyList<(string Path, GroupId Group, SecretShare Share)> OpenAll(DataKeys keys)
    {
        List<(string Path, GroupId Group, SecretShare Share)> opened = [];
        bool isWhole = false;
        try
        {
            foreach (string path in Paths)
            {
                (GroupId group, SecretShare share) = SeatFile.Load(path, keys);
                opened.Add((path, group, share));
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

    /// <summary>Tries every file: what is wrong with it, or null. A file is usable when it opens and holds the share that its group's public data names.</summary>
    internal IEnumerable<(string Path, string? Fault)> Check(DataKeys keys, Func<GroupId, ThresholdInfo?> groups)
    {
        foreach (string path in Paths)
        {
            yield return (path, FaultOf(path, keys, groups));
        }
    }

    private static string? FaultOf(string path, DataKeys keys, Func<GroupId, ThresholdInfo?> groups)
    {
        try
        {
            (GroupId group, SecretShare share) = SeatFile.Load(path, keys);
            using (share)
            {
                return groups(group) is { } known && known.PublicShare(share.Seat) == share.PublicShare ? null : "It does not belong to a group that this node knows.";
            }
        }
        catch (DataDirectoryException unusable)
        {
            return unusable.Message;
        }
    }

    /// <summary>Seals what stands under an earlier key under the active one. Returns how many files still need which epoch, because they could not be opened.</summary>
    internal async ValueTask<IReadOnlyDictionary<int, long>> ResealAsync(KeyKeeper keeper, Entropy entropy, CancellationToken cancellation)
    {
        Dictionary<int, long> needed = [];
        foreach (string path in Paths)
        {
            cancellation.ThrowIfCancellationRequested();
            DataKey active = await keeper.KeyForSealingAsync(messages: 1);
            if (SeatFile.EpochOf(path) is var epoch && epoch < active.Epoch && !SeatFile.TryReseal(path, keeper.Keys, active, entropy))
            {
                needed[epoch] = needed.GetValueOrDefault(epoch) + 1;
            }
        }

        return needed;
    }
}
