using System.Runtime.CompilerServices;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// The journal in one SQLite file (with its <c>-wal</c>, <c>-shm</c> and <c>.lock</c> beside it). One process writes it, any number may look
/// at it. An append that was answered <see cref="AppendOutcome.Appended"/> has been synced to the disk: the log is fsynced at every commit
/// (WAL, <c>synchronous=FULL</c>), and appends that arrive together share a commit. Reads run on the caller's thread.
/// Fault codes: <c>disk_full</c>, <c>storage_busy</c> and <c>storage_io_error</c> (transient); <c>storage_read_only</c>, <c>storage_corrupt</c>,
/// <c>storage_unavailable</c>, <c>message_too_large</c>, <c>journal_stopped</c>; when opening also <c>journal_in_use</c>, <c>schema_too_new</c>,
/// <c>schema_too_old</c>, <c>not_a_journal</c>, <c>sqlite_missing</c>, and <c>journal_missing</c> when an empty file is only looked at. A row that cannot be
/// read is a fault of its entity alone.
/// </summary>
public sealed class SqliteJournal : IJournalStore, IWriteProbe, IAsyncDisposable
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

    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        if (_writer is null)
            return new AppendOutcome.NotWritten(ReadOnly());
        var pending = new PendingAppend(append);
        await _writer.EnqueueAsync(pending);
        return await pending.WaitForAnswerAsync();
    }

    /// <inheritdoc/>
    /// <remarks>Writes one page and syncs it, like a small append and in line with those that wait.</remarks>
    public async ValueTask<JournalException?> FindWriteFaultAsync(CancellationToken cancellation)
    {
        if (_writer is null)
            return ReadOnly();
        var probe = new PendingProbe();
        try
        {
            await _writer.EnqueueAsync(probe);
            await probe.WaitForAnswerAsync().WaitAsync(cancellation);
            return null;
        }
        catch (JournalException fault)
        {
            return fault;
        }
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        Read(connection => connection.ReadHistory(id, afterSequenceNumber), cancellation);

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => Read(connection => connection.ReadVersion(id), cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => ListAsync(EntityListing.Open, kind, cancellation);

    public async IAsyncEnumerable<EntityId> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (OpenEntity known in ListAsync(EntityListing.Known, kind, cancellation))
            yield return known.Id;
    }

    public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) => Read(static connection => connection.ReadKeyEpoch(), cancellation);

    /// <inheritdoc/>
    /// <remarks>
    /// A column that cannot be read is given as 0, empty, <see cref="Guid.Empty"/> or the year 1; <see cref="ReadAsync"/> says which row of an entity it is.
    /// </remarks>
    public ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
        Read(connection => connection.ReadAll(afterOrdering, limit), cancellation);

    public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
        Read(connection => connection.ReadSealedBefore(epoch, afterOrdering, limit), cancellation);

    public async ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_writer is null)
            throw ReadOnly();
        var pending = new PendingReseal(rows);
        await _writer.EnqueueAsync(pending);
        return await pending.WaitForAnswerAsync();
    }

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

    /// <summary>The file itself, where a link leads to it; it need not be there. Throws <see cref="JournalException"/> for links in a circle.</summary>
    internal static string FollowLink(string path)
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
        readers.Borrow(static connection => connection.ReadKeyEpoch());
        return readers;
    }

    private JournalException ReadOnly() => new("storage_read_only", $"The journal {_path} was opened for looking only.", isTransient: false);

    private ValueTask<T> Read<T>(Func<ReadConnection, T> read, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(_readers.Borrow(read));
    }

    private async IAsyncEnumerable<OpenEntity> ListAsync(EntityListing listing, string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<(long Ordering, string Id, long Version)> page = [];
        do
        {
            cancellation.ThrowIfCancellationRequested();
            long after = page.Count == 0 ? 0 : page[^1].Ordering;
            page = _readers.Borrow(connection => connection.ReadPage(listing, kind, after));
            foreach ((_, string text, long version) in page)
            {
                // What is no id names no entity that anybody could ask; the others are still listed.
                if (EntityId.TryParse(text, out EntityId id))
                    yield return new OpenEntity(id, version);
            }

            await Task.Yield();
        }
        while (page.Count == ReadConnection.PageLength);
    }
}
