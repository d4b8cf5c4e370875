using SignerCluster.Actors;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// The database of one party with the keys that open it: journal and documents. Disposing closes the keys, and then what was opened for them.
/// </summary>
internal sealed class PartyStorage : IAsyncDisposable
{
    private readonly RoleSettings _role;
    private readonly PartyStore _store;
    private readonly Stack<IAsyncDisposable> _opened;

    private PartyStorage(RoleSettings role, PartyStore store, KeyKeeper keeper, Stack<IAsyncDisposable> opened)
    {
        (_role, _store, Keeper, _opened) = (role, store, keeper, opened);
    }

    internal PostgresDatabase Database => _store.Database;

    internal PostgresJournal Journal => _store.Journal;

    internal PostgresDocuments Documents => _store.Documents;

    internal Quarantine Quarantine => _store.Quarantine;

    internal KeyKeeper Keeper { get; }

    internal KeptJournal Kept => new(_role.Party, KeyProviders.KindOf(_role.Provider), Journal, Keeper, Quarantine);

    /// <summary>The roles of a node; with a party's name that party's alone. Throws <see cref="UsageException"/> <c>unknown_node</c>.</summary>
    internal static IReadOnlyList<RoleSettings> Select(NodeSettings node, string? party) => party is null
        ? node.Parties
        : [node.Parties.FirstOrDefault(role => role.Party == party) ?? throw DataNodes.Unknown(party, node.Parties.Select(static role => role.Party))];

    /// <summary>
    /// Opens the keys of a party whose ring is asked through <paramref name="ring"/>; does not own the store. Throws <see cref="JournalException"/>,
    /// <see cref="KeyProviderException"/> and <see cref="DataDirectoryException"/>.
    /// </summary>
    internal static async Task<PartyStorage> OpenAsync(RoleSettings role, NodeSettings node, PartyStore store, IKeyRing ring, ILoggerFactory logs) =>
        new(role, store, await KeyKeeper.OpenAsync(PartsOf(role, node, store, ring, logs)), new());

    /// <summary>Opens a party's database for a verb that works on it, with a key ring of its own beside those of nodes that run. Throws as the other.</summary>
    internal static Task<PartyStorage> OpenAsync(RoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation) =>
        OpenAsync(role, node, isLooking: false, logs, cancellation);

    /// <summary>Opens it for looking only, beside the nodes that work on it.</summary>
    internal static Task<PartyStorage> LookAsync(RoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation) =>
        OpenAsync(role, node, isLooking: true, logs, cancellation);

    /// <summary>The groups with the seats that are held, opened under the ring's keys.</summary>
    internal ValueTask<GroupDirectory> LoadGroupsAsync(SigningPolicy policy, CancellationToken cancellation) =>
        GroupDirectory.LoadAsync(Documents, policy, Keeper.Keys, TimeProvider.System, cancellation);

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync();
        await Wiring.CloseAsync(_opened);
    }

    private static async Task<PartyStorage> OpenAsync(RoleSettings role, NodeSettings node, bool isLooking, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        bool isOpen = false;
        try
        {
            PartyStore store = await PartyStore.OpenAsync(role, node, isLooking, logs, cancellation);
            opened.Push(store);
            KeyKeeper keeper;
            if (isLooking)
            {
                keeper = await KeyKeeper.LookAsync(PartsOf(role, node, store, new StoredRing(store.Journal), logs));
            }
            else
            {
                JournalSystem system = JournalSystem.StartLocal([role.Party], logs);
                opened.Push(system);
                keeper = await KeyKeeper.OpenAsync(PartsOf(role, node, store, system.AddRing(role.Party, store.Journal, store.Quarantine), logs));
            }

            isOpen = true;
            return new PartyStorage(role, store, keeper, opened);
        }
        finally
        {
            if (!isOpen)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    private static KeyKeeperParts PartsOf(RoleSettings role, NodeSettings node, PartyStore store, IKeyRing ring, ILoggerFactory logs) => new(
        store.Journal,
        ring,
        new SeatFiles(store.Documents),
        KeyProviderSettings.Create(role.Provider, node.Profile, TimeProvider.System),
        role.Keys,
        Wiring.Entropy,
        TimeProvider.System,
        logs);
}
