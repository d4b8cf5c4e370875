using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// Group commit. One thread takes whatever writes wait, puts them in one transaction and answers each when the commit has returned; while
/// it syncs, the next ones gather. A conflict or a stale key epoch is one append's own answer and leaves the others in the transaction.
/// </summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    private readonly string _path;
    private readonly SqliteJournalSettings _settings;
    private readonly CommitProbe _probe;
    private readonly Channel<PendingWrite> _waiting;
    private readonly ManualResetEventSlim _arrived = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PendingWrite> _batch = [];
    private WriteConnection? _connection;

    public JournalWriter(string path, SqliteJournalSettings settings, CommitProbe probe)
    {
        _path = path;
        _settings = settings;
        _probe = probe;
        _waiting = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(settings.QueueCapacity) { SingleReader = true });
        _connection = OpenConnection();
        new Thread(Run) { IsBackground = true, Name = "journal-writer" }.Start();
    }

    /// <summary>
    /// Queues a write; its answer is waited for elsewhere. A full queue is waited for here; a closed journal answers that nothing was written.
    /// </summary>
    public async ValueTask EnqueueAsync(PendingWrite pending)
    {
        while (!_waiting.Writer.TryWrite(pending))
        {
            if (await _waiting.Writer.WaitToWriteAsync())
                continue;
            pending.AnswerNotWritten(SqliteFault.Stopped(_path));
            return;
        }

        _arrived.Set();
    }

    /// <summary>Writes what still waits, folds the log into the database and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        _arrived.Set();
        await _finished.Task.WaitAsync(CancellationToken.None);
    }

    private void Run()
    {
        try
        {
            while (TakeBatch())
                CommitBatch(_batch);
            CloseConnection();
        }
        catch (Exception broken)
        {
            // An invariant of this class broke in the middle of a batch: nobody can say what became of it, and nothing may be written after it.
            Abandon(broken);
        }

        _finished.SetResult();
    }

    private bool TakeBatch()
    {
        _batch.Clear();
        while (true)
        {
            _arrived.Reset();
            while (_batch.Count < _settings.AppendsPerTransaction && _waiting.Reader.TryRead(out PendingWrite? pending))
                _batch.Add(pending);
            if (_batch.Count > 0)
                return true;
            if (_waiting.Reader.Completion.IsCompleted)
                return false;
            _arrived.Wait();
            // Whoever is about to write too may do so first: what shares a commit shares its cost.
            Thread.Yield();
        }
    }

    private void CommitBatch(List<PendingWrite> batch)
    {
        if (!TryBegin(batch, out WriteConnection? connection) || !TryWrite(batch, connection))
            return;
        try
        {
            _probe.BeforeCommit(connection.Connection);
            connection.Commit();
            _probe.AfterCommit(connection.Connection);
        }
        catch (SqliteException fault)
        {
            AnswerFailedCommit(batch, connection, fault);
            return;
        }

        foreach (PendingWrite pending in batch)
            pending.AnswerCommitted();
    }

    private bool TryBegin(List<PendingWrite> batch, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WriteConnection? connection)
    {
        connection = null;
        try
        {
            _connection ??= OpenConnection();
            _probe.BeforeBegin(_connection.Connection);
            _connection.Begin();
            connection = _connection;
            return true;
        }
        catch (SqliteException fault)
        {
            AnswerNotBegun(batch, SqliteFault.Of(fault, _path));
        }
        catch (JournalException fault)
        {
            AnswerNotBegun(batch, fault);
        }

        return false;
    }

    private bool TryWrite(List<PendingWrite> batch, WriteConnection connection)
    {
        try
        {
            foreach (PendingWrite pending in batch)
                pending.Write(connection);
            connection.WriteHead();
            return true;
        }
        catch (SqliteException fault)
        {
            if (!TryRollBack(connection))
                AnswerUnknown(batch, SqliteFault.Of(fault, _path));
            else if (batch.Count == 1)
                AnswerNotWritten(batch, SqliteFault.Of(fault, _path));
            else
                CommitOneByOne(batch);
            return false;
        }
    }

    // One append's fault (too large for what is left of the disk, say) is not its neighbours' fault (D2).
    private void CommitOneByOne(List<PendingWrite> batch)
    {
        foreach (PendingWrite pending in batch)
            CommitBatch([pending]);
    }

    /// <summary>
    /// Busy and full are the two failures of COMMIT that say that nothing was committed: the lock was not had, or a frame found no room, and the
    /// frame that carries the commit mark is the last one written and does not count unless it is whole. After any other nobody knows what
    /// reached the disk, and the pages in this connection's cache are no witness.
    /// </summary>
    private void AnswerFailedCommit(List<PendingWrite> batch, WriteConnection connection, SqliteException fault)
    {
        bool committedNothing = fault.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_FULL;
        if (committedNothing && TryRollBack(connection))
            AnswerNotWritten(batch, SqliteFault.Of(fault, _path));
        else
            AnswerUnknown(batch, SqliteFault.Of(fault, _path));
    }

    private static bool TryRollBack(WriteConnection connection)
    {
        try
        {
            connection.RollBack();
            return true;
        }
        catch (SqliteException)
        {
            // The fault that led here is the one worth reporting; what matters of this one is that the rollback is not certain.
            return false;
        }
    }

    // The transaction may have been opened before the fault; left open, the next one could not begin.
    private void AnswerNotBegun(List<PendingWrite> batch, JournalException fault)
    {
        if (_connection is not null && !TryRollBack(_connection))
            DropConnection();
        AnswerNotWritten(batch, fault);
    }

    private void DropConnection()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private static void AnswerNotWritten(List<PendingWrite> batch, JournalException fault)
    {
        foreach (PendingWrite pending in batch)
            pending.AnswerNotWritten(fault);
    }

    private void AnswerUnknown(List<PendingWrite> batch, JournalException fault)
    {
        DropConnection();
        foreach (PendingWrite pending in batch)
            pending.AnswerUnknown(fault);
    }

    private void Abandon(Exception broken)
    {
        _waiting.Writer.TryComplete();
        JournalException stopped = SqliteFault.Stopped(_path, broken);
        foreach (PendingWrite pending in _batch)
            pending.AnswerUnknown(stopped);
        while (_waiting.Reader.TryRead(out PendingWrite? pending))
            pending.AnswerNotWritten(stopped);
        _connection?.Dispose();
    }

    private WriteConnection OpenConnection()
    {
        try
        {
            return new WriteConnection(JournalConnection.OpenForWriting(_path, _settings));
        }
        catch (SqliteException fault)
        {
            throw SqliteFault.Of(fault, _path);
        }
    }

    private void CloseConnection()
    {
        try
        {
            _connection?.Connection.Run("PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
            // Everything committed is in the log, which the next opening reads.
        }

        _connection?.Dispose();
    }
}
