using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Documents;

/// <summary>
/// Copies what a node holds into the folder of a new one, while the data directory of the first is held and nobody works on it. The first is only read.
/// Copies are readable by their owner alone and on disk when a method returns. All methods throw <see cref="DataDirectoryException"/> when something cannot be
/// read or written.
/// </summary>
public static class NodeCopy
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What SQLite may have left beside a database whose writer was killed.</summary>
    private static readonly string[] _logs = ["-wal", "-journal"];

    /// <summary>Copies the node's own key file. False when it has none, because its key comes from elsewhere.</summary>
    public static bool CopyKey(NodeDirectory from, NodeDirectory to)
    {
        bool isThere = File.Exists(from.KeyPath);
        if (isThere)
        {
            FileKeyProvider.Copy(from.KeyPath, to.KeyPath);
        }

        return isThere;
    }

    /// <summary>
    /// Copies the journal with what only its log has yet, and brings the copy to the schema of this program. Throws <see cref="JournalException"/>:
    /// <c>journal_missing</c>, and as <see cref="SqliteJournal.Open(string, SqliteJournalSettings?)"/>.
    /// </summary>
    public static async Task CopyJournalAsync(NodeDirectory from, NodeDirectory to, CancellationToken cancellation)
    {
        string source = SqliteJournal.FollowLink(NodeJournal.Locate(from));
        Directory.CreateDirectory(to.Path, OwnerOnly | UnixFileMode.UserExecute);
        // The log first: what an operator's shell moves from it into the database meanwhile is then in one of the copies at least.
        foreach (string log in _logs.Where(log => File.Exists(source + log)))
        {
            await CopyAsync(source + log, to.JournalPath + log, cancellation);
        }

        await CopyAsync(source, to.JournalPath, cancellation);
        DurableFile.SyncDirectory(to.Path);
        await SqliteJournal.Open(to.JournalPath).DisposeAsync();
    }

    /// <summary>Copies all documents of a kind. Returns how many there are.</summary>
    public static async Task<int> CopyDocumentsAsync(DocumentKind kind, NodeDirectory from, NodeDirectory to, CancellationToken cancellation)
    {
        IReadOnlyList<NodeDocument> documents = await from.Documents.ReadAllAsync(kind, cancellation);
        foreach (NodeDocument document in documents)
        {
            await to.Documents.TryCreateAsync(kind, document);
        }

        return documents.Count;
    }

    private static async Task CopyAsync(string from, string to, CancellationToken cancellation)
    {
        try
        {
            await using FileStream source = new(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using FileStream target = new(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
            await source.CopyToAsync(target, cancellation);
            target.Flush(flushToDisk: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("data_unwritable", $"{from} cannot be copied to {to}: {fault.Message}", isTransient: true, fault);
        }
    }
}
