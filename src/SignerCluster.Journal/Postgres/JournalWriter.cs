using System.Threading.Channels;
using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// Group commit. One loop takes whatever appends wait, has the server write them in one transaction and answers each when that has committed; meanwhile the
/// next ones gather. A connection that failed is not used again; the next append opens another. Nothing is written twice: what may have been written is
/// unknown.
/// </summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    // A server that was restarted since shows only when it is spoken to. Asked after a rest of this length, it shows before an append is on its way.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(1);

    private readonly PostgresDatabase _database;
    private readonly PostgresSettings _settings;
    private readonly TimeProvider _time;
    private readonly Channel<PendingAppend> _waiting;
    private readonly List<PendingAppend> _batch = [];
    private readonly Task _finished;
    private AppendCommand? _command;
    private long _lastUsed;
    private volatile bool _isDown;

    public JournalWriter(PostgresDatabase database, TimeProvider time)
    {
        _database = database;
        _settings = database.Settings;
        _time = time;
        _waiting = Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(_settings.QueueCapacity) { SingleReader = true });
        _finished = Task.Run(RunAsync);
    }

    /// <summary>
    /// Queues an append; its answer is waited for elsewhere. A full queue is waited for here, unless the database is down; a closed journal answers that
    /// nothing was written.
    /// </summary>
    public async ValueTask EnqueueAsync(PendingAppend pending)
    {
        while (!_waiting.Writer.TryWrite(pending))
        {
            if (_isDown && _database.LastFault is { } fault)
            {
                pending.AnswerNotWritten(fault);
                return;
            }

            if (await _waiting.Writer.WaitToWriteAsync())
                continue;
            pending.AnswerNotWritten(PostgresFault.Stopped(_settings));
            return;
        }
    }

    /// <summary>Writes what still waits and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _finished.WaitAsync(CancellationToken.None);
    }

    private async Task RunAsync()
    {
        try
        {
            while (await TakeBatchAsync())
            {
                await WriteAsync(_batch);
                if (_batch.Count > 1)
                    await Task.Delay(_settings.GatherTime, _time);
            }

            await DropConnectionAsync();
        }
        catch (Exception broken)
        {
            // An invariant of this class broke in the middle of a batch: nobody can say what became of it, and nothing may be written after it.
            await AbandonAsync(broken);
        }
    }

    private async Task<bool> TakeBatchAsync()
    {
        _batch.Clear();
        do
        {
            long bytes = 0;
            while (_batch.Count < _settings.AppendsPerTransaction && bytes < _settings.BytesPerTransaction
                && _waiting.Reader.TryRead(out PendingAppend? pending))
            {
                _batch.Add(pending);
                bytes += pending.Bytes;
            }
        }
        while (_batch.Count == 0 && await _waiting.Reader.WaitToReadAsync());

        return _batch.Count > 0;
    }

    private async Task WriteAsync(List<PendingAppend> batch)
    {
        if (await TryConnectAsync(batch) is not { } command)
            return;
        try
        {
            AppendOutcome[] outcomes = await command.WriteAsync(batch);
            _lastUsed = _time.GetTimestamp();
            _database.Note(null);
            _database.NoteAppend(null);
            for (int i = 0; i < batch.Count; i++)
                batch[i].Answer(outcomes[i]);
        }
        catch (PostgresException fault) when (batch.Count > 1 && PostgresFault.IsOfContent(fault))
        {
            // One append's fault is not its neighbours' fault (D2).
            foreach (PendingAppend pending in batch)
                await WriteAsync([pending]);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            await AnswerFailedAsync(batch, fault);
        }
    }

    private async Task AnswerFailedAsync(List<PendingAppend> batch, Exception fault)
    {
        JournalException why = _database.Note(PostgresFault.Of(fault, _settings));
        _database.NoteAppend(why);
        if (PostgresFault.IsRolledBack(fault))
        {
            AnswerNotWritten(batch, why);
            return;
        }

        await DropConnectionAsync();
        foreach (PendingAppend pending in batch)
            pending.Answer(new AppendOutcome.Unknown(why));
        // Whoever waited behind a server that answers no more has waited long enough.
        if (fault is TimeoutException or { InnerException: TimeoutException })
            AnswerWaiting(why);
    }

    private async Task<AppendCommand?> TryConnectAsync(List<PendingAppend> batch)
    {
        if (_command is not null && !await IsAliveAsync(_command))
            await DropConnectionAsync();
        try
        {
            if (_command is null)
            {
                _command = await AppendCommand.PrepareAsync(await _database.OpenSessionAsync(CancellationToken.None));
                _lastUsed = _time.GetTimestamp();
                _isDown = false;
            }
        }
        catch (JournalException fault)
        {
            AnswerNotConnected(batch, fault);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            AnswerNotConnected(batch, _database.Note(PostgresFault.Of(fault, _settings)));
        }

        return _command;
    }

    // Who queued meanwhile has waited as well; the next append tries anew.
    private void AnswerNotConnected(List<PendingAppend> batch, JournalException fault)
    {
        _isDown = true;
        AnswerNotWritten(batch, fault);
        AnswerWaiting(fault);
    }

    private async Task<bool> IsAliveAsync(AppendCommand command)
    {
        if (!command.IsOpen || _time.GetElapsedTime(_lastUsed) < _rest)
            return command.IsOpen;
        try
        {
            await command.PingAsync();
            return true;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            return false;
        }
    }

    private void AnswerWaiting(JournalException fault)
    {
        // No more than were there: new ones deserve a try of their own.
        for (int left = _waiting.Reader.Count; left > 0 && _waiting.Reader.TryRead(out PendingAppend? pending); left--)
            pending.AnswerNotWritten(fault);
    }

    private static void AnswerNotWritten(List<PendingAppend> batch, JournalException fault)
    {
        foreach (PendingAppend pending in batch)
            pending.AnswerNotWritten(fault);
    }

    private async Task DropConnectionAsync()
    {
        if (_command is { } command)
        {
            _command = null;
            await command.DisposeAsync();
        }
    }

    private async Task AbandonAsync(Exception broken)
    {
        _waiting.Writer.TryComplete();
        JournalException stopped = _database.Note(PostgresFault.Stopped(_settings, broken));
        foreach (PendingAppend pending in _batch)
            pending.Answer(new AppendOutcome.Unknown(stopped));
        while (_waiting.Reader.TryRead(out PendingAppend? pending))
            pending.AnswerNotWritten(stopped);
        await DropConnectionAsync();
    }
}
