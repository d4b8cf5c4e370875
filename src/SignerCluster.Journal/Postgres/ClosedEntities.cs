using Microsoft.Extensions.Logging;
using Npgsql;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// Tells of entities that an append of any process has closed, after its commit: a process has one, on a connection of its own. What happened while the
/// connection was lost is not told; a second callback then says that something may have been. Reconnects for as long as it lives, and logs it.
/// </summary>
public sealed partial class ClosedEntities : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    // A connection that carries nothing for so long is asked whether it is still there.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(15);

    private readonly PostgresDatabase _database;
    private readonly TimeProvider _time;
    private readonly ILogger<ClosedEntities> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<EntityId> _closed;
    private readonly Action _missed;
    private readonly Task _finished;

    /// <summary>Begins to listen; returns at once. <see cref="WaitUntilListeningAsync"/> tells when nothing is missed any more.</summary>
    /// <param name="closed">Called for each entity that was closed, one at a time and in the order of commits; must be quick and must not throw.</param>
    /// <param name="missed">Called when listening begins again after a loss: entities that were closed meanwhile were not told of. Must not throw.</param>
    public ClosedEntities(PostgresDatabase database, Action<EntityId> closed, Action missed, TimeProvider time, ILogger<ClosedEntities> logger)
    {
        _database = database;
        _closed = closed;
        _missed = missed;
        _time = time;
        _logger = logger;
        _finished = Task.Run(RunAsync);
    }

    /// <summary>Returns when the first connection listens: whatever is closed from now on is told.</summary>
    public Task WaitUntilListeningAsync(CancellationToken cancellation) => _listening.Task.WaitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _finished.WaitAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await ListenUntilLostAsync();
                await Task.Delay(_pause, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            _listening.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task ListenUntilLostAsync()
    {
        try
        {
            await using NpgsqlConnection connection = await _database.OpenSessionAsync(_stopping.Token);
            connection.Notification += (_, notification) => Tell(notification.Payload);
            await RunAsync(connection, "LISTEN signer_closed");
            if (!_listening.TrySetResult())
            {
                LogListensAgain(_database.Settings.Address);
                _missed();
            }

            while (true)
            {
                if (!await connection.WaitAsync(_silence, _stopping.Token))
                    await RunAsync(connection, "SELECT 1");
            }
        }
        catch (JournalException fault)
        {
            LogLost(_database.Settings.Address, fault.Message);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            LogLost(_database.Settings.Address, PostgresFault.Of(fault, _database.Settings).Message);
        }
    }

    private void Tell(string payload)
    {
        // Whoever may connect to the database may send notifications too: what is no id is nobody's.
        if (EntityId.TryParse(payload, out EntityId id))
            _closed(id);
    }

    private async Task RunAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Literals of this file.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(_stopping.Token);
    }
}
