using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host;

/// <summary>The sealed journal of one node of a data directory, and what it stands on. Disposing closes the keys, then the file.</summary>
internal sealed class NodeStorage : IAsyncDisposable
{
    private NodeStorage(NodeDirectory node, string provider, IJournalStore store, KeyKeeper keeper, Quarantine quarantine)
    {
        Node = node;
        Provider = provider;
        Store = store;
        Keeper = keeper;
        Quarantine = quarantine;
    }

    internal NodeDirectory Node { get; }

    /// <summary>The kind of the provider that opened it: <c>file</c>, <c>env</c> or <c>command</c>.</summary>
    internal string Provider { get; }

    internal IJournalStore Store { get; }

    internal KeyKeeper Keeper { get; }

    internal Quarantine Quarantine { get; }

    internal KeptJournal Kept => new(Node.Name, Provider, Store, Keeper, Quarantine);

    /// <summary>
    /// Opens a node for work, with its key ring in an actor system that has plugins for the node. Throws <see cref="KeyProviderException"/>,
    /// <see cref="JournalException"/> and <see cref="DataDirectoryException"/>.
    /// </summary>
    internal static Task<NodeStorage> OpenAsync(
        JournalSystem system, DataDirectory data, NodeDirectory node, NodeStorageSettings settings, ILoggerFactory logs) =>
        OpenAsync(system, data, node, settings.InMemory ? new MemoryJournal() : SqliteJournal.Open(NodeJournal.Locate(node)), settings, logs);

    /// <summary>Opens a node for keygen: one that holds nothing yet gets its key and its journal. Throws as the other.</summary>
    internal static Task<NodeStorage> CreateAsync(JournalSystem system, DataDirectory data, NodeDirectory node)
    {
        if (!NodeJournal.IsThere(node))
        {
            Directory.CreateDirectory(node.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            KeyProviders.CreateKeyIfMissing(KeyProviders.Of(data, node));
        }

        return OpenAsync(system, data, node, SqliteJournal.Open(node.JournalPath), new NodeStorageSettings(), NullLoggerFactory.Instance);
    }

    /// <summary>Opens a node for looking only, also while another process works on it.</summary>
    internal static Task<NodeStorage> LookAsync(DataDirectory data, NodeDirectory node, ILoggerFactory logs)
    {
        IJournalStore store = SqliteJournal.OpenReadOnly(NodeJournal.Locate(node));
        return OpenAsync(data, node, store, _ => new StoredRing(store), new NodeStorageSettings(), isLooking: true, logs);
    }

    /// <summary>
    /// The groups of the node with its seats, opened under the keys of the journal on its disk: where the journal is in memory, its ring never sealed a seat.
    /// Throws as <see cref="GroupDirectory.LoadAsync"/>.
    /// </summary>
    internal async Task<GroupDirectory> LoadGroupsAsync(DataDirectory data, SigningPolicy policy)
    {
        if (Store is not MemoryJournal)
        {
            return await GroupDirectory.LoadAsync(Node.Documents, policy, Keeper.Keys, TimeProvider.System, CancellationToken.None);
        }

        await using NodeStorage disk = await LookAsync(data, Node, NullLoggerFactory.Instance);
        return await GroupDirectory.LoadAsync(Node.Documents, policy, disk.Keeper.Keys, TimeProvider.System, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync();
        await CloseAsync(Store);
    }

    private static Task<NodeStorage> OpenAsync(
        JournalSystem system, DataDirectory data, NodeDirectory node, IJournalStore store, NodeStorageSettings settings, ILoggerFactory logs) =>
        OpenAsync(data, node, store, quarantine => system.AddRing(node.Name, store, quarantine), settings, isLooking: false, logs);

    private static async Task<NodeStorage> OpenAsync(
        DataDirectory data,
        NodeDirectory node,
        IJournalStore store,
        Func<Quarantine, IKeyRing> ring,
        NodeStorageSettings settings,
        bool isLooking,
        ILoggerFactory logs)
    {
        Quarantine quarantine = new(logs.CreateLogger<Quarantine>());
        bool isOpen = false;
        try
        {
            if (store is not MemoryJournal)
            {
                await NodeJournal.RequireRingAsync(node, store, CancellationToken.None);
            }

            IKeyRing keyRing = ring(quarantine);
            (string provider, KeyKeeper keeper) = await OpenKeysAsync(data, node, kek => new KeyKeeperParts(
                store,
                keyRing,
                settings.InMemory ? null : new SeatFiles(node.Documents),
                kek,
                settings.Keys,
                Wiring.Entropy,
                TimeProvider.System,
                logs), isLooking);
            isOpen = true;
            return new NodeStorage(node, provider, store, keeper, quarantine);
        }
        finally
        {
            if (!isOpen)
            {
                await CloseAsync(store);
            }
        }
    }

    private static async Task<(string Provider, KeyKeeper Keeper)> OpenKeysAsync(
        DataDirectory data, NodeDirectory node, Func<IKeyProvider, KeyKeeperParts> parts, bool isLooking)
    {
        try
        {
            return await OpenAsync(KeyProviders.Of(data, node));
        }
        catch (KeyProviderException mismatch) when (mismatch.Code == "key_mismatch" && File.Exists(data.NextKeyProviderPath))
        {
            // A re-wrap was interrupted after this node's turn.
            return await OpenAsync(KeyProviders.Next(data, node));
        }

        async Task<(string, KeyKeeper)> OpenAsync(KeyProviderSettings settings)
        {
            KeyKeeperParts with = parts(KeyProviders.Create(settings));
            return (KeyProviders.KindOf(settings), await (isLooking ? KeyKeeper.LookAsync(with) : KeyKeeper.OpenAsync(with)));
        }
    }

    private static async ValueTask CloseAsync(IJournalStore store)
    {
        if (store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}

/// <summary>How a node's journal is kept.</summary>
internal sealed record NodeStorageSettings
{
    /// <summary>Journals in memory, for measuring only: nothing survives the process.</summary>
    internal bool InMemory { get; init; }

    internal KeyKeeperSettings Keys { get; init; } = new();

    /// <summary>For a verb that re-seals itself and to the end: what the background moved first would be missing from its count.</summary>
    internal static NodeStorageSettings WithoutBackground { get; } = new() { Keys = new KeyKeeperSettings { BackgroundPeriod = TimeSpan.FromDays(1) } };
}
