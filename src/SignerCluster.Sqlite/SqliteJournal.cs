using System.Runtime.CompilerServices;
using SignerCluster.Runtime;

namespace SignerCluster.Sqlite;

/// <summary>
/// The journal in one SQLite file (with its <c>-wal</c>, <c>-shm</c> and <c>.lock</c> beside it). One process writes it, any number may look
/// at it. An append that was answered <see cref="AppendOutcome.Appended"/> has been synced to the disk: the log is fsynced at every commit
/// (WAL, <c>synchronous=FULL</c>), and appends that arrive together share a commit. Reads run on the caller's thread.
/// Fault codes: <c>disk_full</c>, <c>storage_busy</c> and <c>storage_io_error</c> (transient); <c>storage_read_only</c>, <c>storage_corrupt</c>,
/// <c>storage_unavailable</c>, <c>message_too_large</c>, <c>journal_stopped</c>; when opening also <c>journal_in_use</c>, <c>schema_too_new</c>,
/// <c>schema_too_old</c>, <c>sqlite_missing</c>.
/// </summary>
public sealed class SqliteJournal : IJournal, IAsyncDisposable
{
    private readonly string _path;
    private readonly ReadConnections _readers;
    private readonly JournalWriter? _writer;
    private readonly JournalLock? _lock;

    private SqliteJournal(string path, ReadConnections readers, JournalWriter? writer, JournalLock? @lock)
    {
        _path = path;
        _readers = readers;
        _writer = writer;
        _lock = @lock;
    }

    /// <summary>
    /// Opens a journal for writing and reading; makes the file, readable by its owner only, if there is none. Throws <see cref="JournalException"/>:
    /// <c>journal_in_use</c> while another <see cref="SqliteJournal"/>, in whatever process, has it open for writing.
    /// </summary>
    public static SqliteJournal Open(string path, SqliteJournalSettings? settings = null) => Open(path, settings ?? new(), CommitProbe.None);

    /// <summary>Opens an existing journal for looking only, also while another process writes it. Appends are answered <c>storage_read_only</c>.</summary>
    public static SqliteJournal OpenReadOnly(string path, SqliteJournalSettings? settings = null)
    {
        settings ??= new();
        settings.ThrowIfInvalid();
        SqliteLibrary.Require();
        string file = Locate(path);
        return new SqliteJournal(file, OpenReaders(file, settings), writer: null, @lock: null);
    }

    internal static SqliteJournal Open(string path, SqliteJournalSettings settings, CommitProbe probe)
    {
        settings.ThrowIfInvalid();
        SqliteLibrary.Require();
        string file = Locate(path);
        JournalLock @lock = JournalLock.Acquire(file);
        try
        {
            JournalLock.CreateIfAbsent(file);
            var writer = new JournalWriter(file, settings, probe);
            return new SqliteJournal(file, new ReadConnections(file, settings), writer, @lock);
        }
        catch (JournalException)
        {
            @lock.Dispose();
            throw;
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        if (_writer is not null)
            return _writer.AppendAsync(append);
        var fault = new JournalException("storage_read_only", $"The journal {_path} was opened for looking only.", isTransient: false);
        return new(new AppendOutcome.NotWritten(fault));
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(_readers.ReadHistory(id, afterSequenceNumber));
    }

    public async ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) =>
        (await ReadAsync(id, 0, cancellation)).Count;

    public IAsyncEnumerable<EntityId> ListOpenAsync(string kind, CancellationToken cancellation) => ListAsync(EntityListing.Open, kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => ListAsync(EntityListing.Known, kind, cancellation);

    /// <summary>Writes the appends that already wait, folds the log into the database, closes it and lets the next process in.</summary>
    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        if (_writer is not null)
            await _writer.DisposeAsync();
        _lock?.Dispose();
    }

    // A link is followed first, so that two names of one file have one lock.
    private static string Locate(string path)
    {
        string file = FollowLink(Path.GetFullPath(path));
        return Directory.Exists(file)
            ? throw new JournalException("storage_unavailable", $"The journal {file} is a directory; the path of a file is needed.", isTransient: false)
            : file;
    }

    private static string FollowLink(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        }
        catch (IOException e)
        {
            throw new JournalException("storage_unavailable", $"Cannot follow the link {path}: {e.Message}", isTransient: false, e);
        }
    }

    private static ReadConnections OpenReaders(string file, SqliteJournalSettings settings)
    {
        var readers = new ReadConnections(file, settings);
        // A file that cannot be read is refused now, not at the first question.
        readers.ReadPage(EntityListing.Open, "kind", 0);
        return readers;
    }

    private async IAsyncEnumerable<EntityId> ListAsync(EntityListing listing, string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<(long Ordering, EntityId Id)> page = [];
        do
        {
            cancellation.ThrowIfCancellationRequested();
            page = _readers.ReadPage(listing, kind, page.Count == 0 ? 0 : page[^1].Ordering);
            foreach ((_, EntityId id) in page)
                yield return id;
            await Task.Yield();
        }
        while (page.Count == ReadConnection.PageLength);
    }
}
