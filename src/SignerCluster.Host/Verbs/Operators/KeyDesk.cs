using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Sqlite;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>Where keys are looked at and rotated: in a data directory, in the databases of a cluster node, or by a running signer.</summary>
internal interface IKeyDesk : IDisposable
{
    Task<KeyListResponse> ShowAsync(IProgress<long> progress, CancellationToken cancellation);

    /// <summary>Rotates the node of that name, or all.</summary>
    Task<RotationListResponse> RotateAsync(string? node, WorkProgress progress, CancellationToken cancellation);
}

/// <summary>Opens what a command line names.</summary>
internal static class KeyDesk
{
    internal static IKeyDesk Open(string? data, string[]? urls, string? config, string? tokenFile) => (data, urls, config) switch
    {
        (not null, not null, _) => throw new UsageException("data_or_url", "--data, --url: give only one of them."),
        (_, { } at, null) => new RemoteKeyDesk(SignerApi.Open(at, tokenFile)),
        (null, null, { } node) => new PartyKeyDesk(NodeSettings.Load(node, Environment.GetEnvironmentVariable)),
        (_, _, not null) => throw new UsageException("data_or_config", "--data, --url, --config: give only one of them."),
        _ => new LocalKeyDesk(CommonOptions.RequireData(data)),
    };
}

/// <summary>Looks beside a running signer, but rotates only where none runs.</summary>
internal sealed class LocalKeyDesk(string path) : IKeyDesk
{
    public async Task<KeyListResponse> ShowAsync(IProgress<long> progress, CancellationToken cancellation)
    {
        using DataDirectory data = DataDirectory.Look(path);
        List<NodeKeysResponse> shown = [];
        foreach (NodeDirectory node in DataNodes.Select(data, name: null))
        {
            shown.Add(await ShowAsync(data, node, progress, cancellation));
        }

        return new KeyListResponse(shown, File.Exists(data.NextKeyProviderPath) ? KeyProviders.KindOf(KeyProviders.Next(data, data.Coordinator)) : null);
    }

    public async Task<RotationListResponse> RotateAsync(string? node, WorkProgress progress, CancellationToken cancellation)
    {
        DataDirectory.Look(path).Dispose();
        using DataDirectory data = DataDirectory.Hold(path);
        List<RotationResponse> rotated = [];
        IReadOnlyList<NodeDirectory> nodes = DataNodes.SelectWithJournal(data, node);
        await using JournalSystem system = JournalSystem.StartLocal([.. nodes.Select(static one => one.Name)], NullLoggerFactory.Instance);
        foreach (NodeDirectory chosen in nodes)
        {
            progress.Begin($"Re-sealing {chosen.Name}");
            await using NodeStorage storage = await NodeStorage.OpenAsync(
                system, data, chosen, NodeStorageSettings.WithoutBackground, NullLoggerFactory.Instance);
            rotated.Add(await NodeKeys.RotateAndResealAsync(storage.Kept, progress, cancellation));
        }

        return new RotationListResponse(rotated);
    }

    public void Dispose()
    {
    }

    private static async Task<NodeKeysResponse> ShowAsync(DataDirectory data, NodeDirectory node, IProgress<long> progress, CancellationToken cancellation)
    {
        string provider = KeyProviders.KindOf(KeyProviders.Of(data, node));
        if (!NodeJournal.IsThere(node))
        {
            return new NodeKeysResponse(node.Name, provider, null, 0, 0, []);
        }

        await using SqliteJournal store = SqliteJournal.OpenReadOnly(node.JournalPath);
        return await NodeKeys.ShowAsync(node.Name, provider, store, progress, cancellation);
    }
}

/// <summary>Asks a running signer, which re-seals in its background.</summary>
internal sealed class RemoteKeyDesk(SignerApi api) : IKeyDesk
{
    public Task<KeyListResponse> ShowAsync(IProgress<long> progress, CancellationToken cancellation) =>
        api.GetAsync(ApiPaths.Keys, SignerApi.Json.KeyListResponse, cancellation);

    public Task<RotationListResponse> RotateAsync(string? node, WorkProgress progress, CancellationToken cancellation) =>
        api.PostAsync(ApiPaths.KeyRotation, new RotationRequest(node), SignerApi.Json.RotationRequest, SignerApi.Json.RotationListResponse, cancellation);

    public void Dispose() => api.Dispose();
}
