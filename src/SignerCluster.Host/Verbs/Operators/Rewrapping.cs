using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>
/// Moves all nodes of a data directory to another provider of the key-encryption key. The document is put beside the present one first, then node after
/// node is put under the new key, then the document takes the place of the present one. Between any two of these steps a node opens under
/// whichever of the two its ring is wrapped under, so whoever is interrupted does it again.
/// </summary>
internal static class Rewrapping
{
    /// <summary>
    /// Throws <see cref="DataDirectoryException"/>, <see cref="KeyProviderException"/> and <see cref="JournalException"/>. A provider that is refused or does
    /// not answer changes nothing.
    /// </summary>
    internal static async Task<RewrapDocument> RunAsync(string path, string document, WorkProgress progress, CancellationToken cancellation)
    {
        DataDirectory.Look(path).Dispose();
        using DataDirectory data = DataDirectory.Hold(path);
        IReadOnlyList<NodeDirectory> nodes = DataNodes.SelectWithJournal(data, name: null);
        foreach (NodeDirectory node in nodes)
        {
            await RequireUsableAsync(KeyProviderSettings.Load(document, node.Name), cancellation);
        }

        Announce(document, data);
        List<RewrappedNode> moved = [];
        await using JournalSystem system = JournalSystem.StartLocal([.. nodes.Select(static node => node.Name)], NullLoggerFactory.Instance);
        foreach (NodeDirectory node in nodes)
        {
            progress.Begin($"Re-wrapping {node.Name}");
            KeyProviderSettings next = KeyProviders.Next(data, node);
            await CreateKeyIfMissingAsync(data, node, next, cancellation);
            moved.Add(await MoveAsync(system, data, node, KeyProviders.Create(next), cancellation));
        }

        KeyProviderSettings.Promote(data.NextKeyProviderPath, data.KeyProviderPath);
        return new RewrapDocument(KeyProviders.KindOf(KeyProviders.Of(data, data.Coordinator)), moved);
    }

    private static void Announce(string document, DataDirectory data)
    {
        try
        {
            KeyProviderSettings.Install(document, data.NextKeyProviderPath);
        }
        catch (DataDirectoryException conflict) when (conflict.Code == "key_provider_conflict")
        {
            throw new UsageException(
                "rewrap_unfinished",
                $"--to: a rewrap to another provider was interrupted. Finish it first: signer keys rewrap --data {data.Path} --to {data.NextKeyProviderPath}");
        }
    }

    private static async Task RequireUsableAsync(KeyProviderSettings settings, CancellationToken cancellation)
    {
        IKeyProvider provider = KeyProviders.Create(settings);
        if (settings.Kind != KeyProviderKind.File || File.Exists(settings.Path))
        {
            (await provider.FetchAsync(cancellation)).Dispose();
        }
    }

    /// <summary>A fresh key is made only for a node that is still under its present key: one that has moved needs the very key it moved to.</summary>
    private static async Task CreateKeyIfMissingAsync(DataDirectory data, NodeDirectory node, KeyProviderSettings next, CancellationToken cancellation)
    {
        bool isMissing = next.Kind == KeyProviderKind.File && !File.Exists(next.Path);
        if (isMissing)
        {
            await using SqliteJournal store = SqliteJournal.OpenReadOnly(node.JournalPath);
            KeyId? wrappedUnder = (await KeyStatus.ReadAsync(store, progress: null, cancellation)).Ring.WrappedUnder;
            using KeyEncryptionKey present = await KeyProviders.Create(KeyProviders.Of(data, node)).FetchAsync(cancellation);
            if (wrappedUnder is not null && wrappedUnder != present.Id)
            {
                throw new KeyProviderException(
                    "key_unavailable", $"{node.Name} was moved to the key of {next.Path} already, and that file is gone. Put it back.", isTransient: false);
            }
        }

        KeyProviders.CreateKeyIfMissing(next);
    }

    private static async Task<RewrappedNode> MoveAsync(
        JournalSystem system, DataDirectory data, NodeDirectory node, IKeyProvider next, CancellationToken cancellation)
    {
        KeyId to = await IdOfAsync(next, cancellation);
        await using NodeStorage storage = await NodeStorage.OpenAsync(system, data, node, NodeStorageSettings.WithoutBackground, NullLoggerFactory.Instance);
        KeyId? from = (await storage.Keeper.ShowAsync()).WrappedUnder;
        await storage.Keeper.RewrapAsync(next, cancellation);
        return new RewrappedNode(node.Name, from?.ToString(), to.ToString());
    }

    private static async Task<KeyId> IdOfAsync(IKeyProvider provider, CancellationToken cancellation)
    {
        using KeyEncryptionKey key = await provider.FetchAsync(cancellation);
        return key.Id;
    }
}
