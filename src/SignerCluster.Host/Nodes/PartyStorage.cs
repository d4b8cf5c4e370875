using SignerCluster.Actors;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Runtime.KeyRings;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// The database of one party with the keys that open it: journal and documents. Disposing closes the keys, then the journal, then the connections.
/// </summary>
internal sealed class PartyStorage : IAsyncDisposable
{
    private readonly RoleSettings _role;
    private readonly MailboxRing _ring;

    private PartyStorage(RoleSettings role, PostgresDatabase database, PostgresJournal journal, MailboxRing ring, KeyKeeper keeper, Quarantine quarantine)
    {
        _ring = ring;
        _role = role;
        Database = database;
        Journal = journal;
        Keeper = keeper;
        Quarantine = quarantine;
        Documents = new PostgresDocuments(database);
    }

    internal PostgresDatabase Database { get; }

    internal PostgresJournal Journal { get; }

    internal PostgresDocuments Documents { get; }

    internal KeyKeeper Keeper { get; }

    internal Quarantine Quarantine { get; }

    internal KeptJournal Kept => new(_role.Party, KeyProviders.KindOf(_role.Provider), Journal, Keeper, Quarantine);

    /// <summary>The roles of a node; with a party's name that party's alone. Throws <see cref="UsageException"/> <c>unknown_node</c>.</summary>
    internal static IReadOnlyList<RoleSettings> Select(NodeSettings node, string? party) => party is null
        ? node.Parties
        : [node.Parties.FirstOrDefault(role => role.Party == party) ?? throw DataNodes.Unknown(party, node.Parties.Select(static role => role.Party))];

    /// <summary>
    /// Opens a party's database for work. Throws <see cref="JournalException"/>, <c>journal_missing</c> when it holds groups or seats and no journal of
    /// theirs (S5), <see cref="KeyProviderException"/> and <see cref="DataDirectoryException"/>.
    /// </summary>
    internal static Task<PartyStorage> OpenAsync(RoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation) =>
        OpenAsync(role, node, isLooking: false, logs, cancellation);

    /// <summary>Opens it for looking only, beside the nodes that work on it.</summary>
    internal static Task<PartyStorage> LookAsync(RoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation) =>
        OpenAsync(role, node, isLooking: true, logs, cancellation);

    /// <summary>The groups with the seats that are held, opened under the ring's keys.</summary>
    internal ValueTask<GroupDirectory> LoadGroupsAsync(CancellationToken cancellation) =>
        GroupDirectory.LoadAsync(Documents, _role.Policy, Keeper.Keys, cancellation);

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync();
        await _ring.DisposeAsync();
        await Journal.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<PartyStorage> OpenAsync(RoleSettings role, NodeSettings node, bool isLooking, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        bool isOpen = false;
        try
        {
            PostgresDatabase database = PostgresDatabase.Create(Adapters.ToPostgres(role.Database, node.Profile));
            opened.Push(database);
            PostgresJournal journal =
                await (isLooking ? PostgresJournal.OpenReadOnlyAsync(database, cancellation) : PostgresJournal.OpenAsync(database, cancellation));
            opened.Push(journal);
            await NodeJournal.RequireRingAsync(database, journal, cancellation);
            Quarantine quarantine = new(logs.CreateLogger<Quarantine>());
            MailboxRing ring = new(journal, quarantine, TimeProvider.System);
            opened.Push(ring);
            IKeyProvider provider = KeyProviderSettings.Create(role.Provider, node.Profile, TimeProvider.System);
            KeyKeeperParts parts = new(
                journal, ring, new SeatFiles(new PostgresDocuments(database)), provider, role.Keys, Wiring.Entropy, TimeProvider.System, logs);
            KeyKeeper keeper = await (isLooking ? KeyKeeper.LookAsync(parts) : KeyKeeper.OpenAsync(parts));
            isOpen = true;
            return new PartyStorage(role, database, journal, ring, keeper, quarantine);
        }
        finally
        {
            if (!isOpen)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }
}
