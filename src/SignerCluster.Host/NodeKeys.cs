using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Host;

/// <summary>What is told of nodes' keys and done to them; the same for the verb and for the HTTP API.</summary>
internal static class NodeKeys
{
    /// <summary>Where the keys of one node stand. Throws as <see cref="KeyStatus.ReadAsync"/>.</summary>
    internal static async Task<NodeKeysResponse> ShowAsync(
        string node, string provider, IJournalStore store, IProgress<long>? progress, CancellationToken cancellation)
    {
        KeyStatus status = await KeyStatus.ReadAsync(store, progress, cancellation);
        return new NodeKeysResponse(
            node,
            provider,
            status.Ring.WrappedUnder?.ToString(),
            status.Ring.Active?.Epoch ?? 0,
            status.EarlierRows.Values.Sum(),
            [.. status.Ring.Keys.Select(key =>
                new DataKeyResponse(key.Epoch, key.Id.ToString(), PhaseOf(key), key.MessagesReserved, status.EarlierRows.GetValueOrDefault(key.Epoch)))]);
    }

    /// <summary>Makes a fresh data key the active one. Throws <see cref="KeyProviderException"/> and <see cref="JournalException"/>.</summary>
    internal static async Task<RotationResponse> RotateAsync(KeptJournal kept, CancellationToken cancellation)
    {
        int before = (await kept.Keeper.ShowAsync()).Active?.Epoch ?? 0;
        return new RotationResponse(kept.Name, before, await kept.Keeper.RotateAsync(cancellation));
    }

    /// <summary>As <see cref="RotateAsync"/>, and moves everything that stands under earlier keys to the new one before it returns.</summary>
    internal static async Task<RotationResponse> RotateAndResealAsync(KeptJournal kept, IProgress<long> progress, CancellationToken cancellation)
    {
        RotationResponse rotated = await RotateAsync(kept, cancellation);
        ResealReport report = await kept.Keeper.ResealAsync(progress, cancellation);
        return rotated with { Rows = report.Rows, Unreadable = report.Unreadable, Complete = report.IsComplete };
    }

    private static string PhaseOf(RingKey key) => key.Phase switch
    {
        KeyPhase.Added => "added",
        KeyPhase.Active => "active",
        KeyPhase.Superseded => "superseded",
        KeyPhase.Retired => "retired",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
