using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Documents;

/// <summary>
/// Tells the journal of a new node from one that was lost (S5). <see cref="GroupCreation"/> makes journal and key ring of every node before it writes a
/// document, and whoever installs a seat or a group in a party's database opens its ring first; so what holds groups or seats and has no journal, or one
/// without a ring, has lost it.
/// </summary>
public static class NodeJournal
{
    private const string LossOfSeats =
        "the seats of this node are lost, because only its journal has the keys that open them: sign with the other nodes, and move the coins to a new group.";

    private const string LossOfSessions =
        "go on with: signer journal import --from OLD --data NEW --without-coordinator-journal. Nobody knows then which session ids "
        + "were used: one may be given "
        + "to another message, and what was signed may not be signed again under its id.";

    private const string LossOfPartySeats =
        "the seats of this party are lost, because only its journal has the keys that open them: sign with the other parties, and "
        + "move the coins to a new group.";

    private const string LossOfPartySessions =
        "make a new database (signer journal roles, signer journal migrate) and install the groups there (signer group install). Nobody knows then which "
        + "session ids were used: one may be given to another message, and what was signed may not be signed again under its id.";

    /// <summary>
    /// Has the node a journal? False for a node that holds nothing yet. Throws <see cref="JournalException"/> (<c>journal_missing</c>) when it was lost.
    /// </summary>
    public static bool IsThere(NodeDirectory node)
    {
        string? fault = FaultOf(node);
        return fault is null || (node.Documents.IsEmpty ? false : throw Lost(node, fault));
    }

    /// <summary>The path of a journal that is there. Throws as <see cref="IsThere"/>, and also for a node that holds nothing.</summary>
    public static string Locate(NodeDirectory node) => IsThere(node)
        ? node.JournalPath
        : throw Missing(
            $"{node.Path} holds nothing: a keygen was interrupted before it made the journal of {node.Name}. Run signer keygen again, or remove the folder.");

    /// <summary>Throws <see cref="JournalException"/> (<c>journal_missing</c>) when the open journal of a node with groups or seats has no key ring.</summary>
    public static async ValueTask RequireRingAsync(NodeDirectory node, IJournalStore store, CancellationToken cancellation)
    {
        if (!node.Documents.IsEmpty && !await HasRingAsync(store, cancellation))
        {
            throw Lost(node, $"{node.JournalPath} has no key ring");
        }
    }

    /// <summary>
    /// As the other, for a party's database. Documents are read before the ring, so that an installation on another machine is never seen without its ring.
    /// Throws also what <see cref="INodeDocuments"/> throws.
    /// </summary>
    public static async ValueTask RequireRingAsync(PostgresDatabase database, IJournalStore store, CancellationToken cancellation)
    {
        PostgresDocuments documents = new(database);
        bool hasSeats = (await documents.ReadAllAsync(DocumentKind.Seat, cancellation)).Count > 0;
        bool hasDocuments = hasSeats || (await documents.ReadAllAsync(DocumentKind.Group, cancellation)).Count > 0;
        if (hasDocuments && !await HasRingAsync(store, cancellation))
        {
            throw Missing(
                $"The journal in the database {database.Settings.Address} is missing: it has no key ring. The database holds groups or seats, so it is not "
                + $"new; nothing was written. Put the database back from a backup. Without one {(hasSeats ? LossOfPartySeats : LossOfPartySessions)}");
        }
    }

    /// <summary>The epoch alone would not tell: it outlives rows that were taken away.</summary>
    private static async ValueTask<bool> HasRingAsync(IJournalStore store, CancellationToken cancellation) =>
        await store.ReadKeyEpochAsync(cancellation) > 0 && await store.ReadVersionAsync(EntityAddress.KeyRing, cancellation) > 0;

    private static string? FaultOf(NodeDirectory node)
    {
        FileInfo file = new(SqliteJournal.FollowLink(node.JournalPath));
        string place = file.FullName == Path.GetFullPath(node.JournalPath) ? node.JournalPath : $"{file.FullName}, where the link {node.JournalPath} leads";
        return file switch
        {
            { Exists: false } => $"there is no file {place}",
            { Length: 0 } => $"there are 0 bytes in {place}",
            _ => null,
        };
    }

    private static JournalException Lost(NodeDirectory node, string fault) => Missing(
        $"The journal of {node.Name} is missing: {fault}. The node holds groups or seats, so it is not new; nothing was made. "
        + $"Put the journal back from a backup. Without one {(node.Documents.HasSeats ? LossOfSeats : LossOfSessions)}");

    private static JournalException Missing(string message) => new(JournalException.MissingCode, message, isTransient: false);
}
