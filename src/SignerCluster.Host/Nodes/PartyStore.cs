using SignerCluster.Actors;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>The database of one party, still without the keys that open what is in it. Disposing closes the journal, then the connections.</summary>
internal sealed class PartyStore : IAsyncDisposable
{
    private PartyStore(PostgresDatabase database, PostgresJournal journal, ILoggerFactory logs)
    {
        Database = database;
        Journal = journal;
        Documents = new PostgresDocuments(database);
        Quarantine = new Quarantine(logs.CreateLogger<Quarantine>());
    }

    internal PostgresDatabase Database { get; }

    internal PostgresJournal Journal { get; }

    internal PostgresDocuments Documents { get; }

    internal Quarantine Quarantine { get; }

    /// <summary>
    /// Opens it for work, or for looking only, beside the nodes that work on it. Throws <see cref="JournalException"/>, <c>journal_missing</c> when it holds
    /// groups or seats and no journal of theirs (S5), and <see cref="DataDirectoryException"/>.
    /// </summary>
    internal static async Task<PartyStore> OpenAsync(
        RoleSettings role, NodeSettings node, bool isLooking, ILoggerFactory logs, CancellationToken cancellation)
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
            isOpen = true;
            return new PartyStore(database, journal, logs);
        }
        finally
        {
            if (!isOpen)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        await Database.DisposeAsync();
    }
}
