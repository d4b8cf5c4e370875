using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// A named lock of one database, held by at most one of all the processes that ask for it: the server gives it up when its connection ends, and when its holder
/// has given no sign of life for five seconds, as a process that is stopped gives none. Whoever holds it may learn of its loss seconds late, so it saves work
/// and keeps order among the well; what must never happen twice is decided by the journal. The holder learns which of those that wait went away.
/// </summary>
public sealed class PostgresLock : IAsyncDisposable
{
    // Who waits for a lock holds another one meanwhile, together with all the others; the rows of that are those that wait.
    private const string WaitingSql = """
        SELECT array(SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = $1 AND granted AND pid <> pg_backend_pid())
        """;

    private static readonly TimeSpan _pulse = TimeSpan.FromMilliseconds(250);

    // Whoever waits asks again and again. A wait inside the server is one long statement, and while one runs nothing that the database has replaced since is
    // cleared away.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlConnection _connection;
    private readonly Action _left;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _released = new();
    private readonly Task _watch;

    private PostgresLock(string name, NpgsqlConnection connection, Action left, TimeProvider time)
    {
        Name = name;
        _connection = connection;
        _left = left;
        _time = time;
        Lost = _lost.Token;
        _watch = Task.Run(WatchAsync);
    }

    public string Name { get; }

    /// <summary>Fires when the lock is not known to be held any more; never because it was released here.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Takes the lock if nobody holds it, else returns null. Throws <see cref="JournalException"/>.</summary>
    public static Task<PostgresLock?> TryTakeAsync(PostgresDatabase database, string name, TimeProvider time, CancellationToken cancellation) =>
        OpenAsync(database, name, isPatient: false, static () => { }, time, cancellation);

    /// <summary>
    /// Takes the lock, at most 200 ms of <paramref name="time"/> after it became free. Keeps no old row versions alive meanwhile. Throws
    /// <see cref="JournalException"/>, also when the connection is lost while waiting.
    /// </summary>
    /// <param name="left">
    /// Called, while the lock is held, at most 250 ms of <paramref name="time"/> after one that waited for it went away, or, stopped, gave no sign of life for
    /// five seconds; also when only its connection was lost. Must be quick and must not throw.
    /// </param>
    public static async Task<PostgresLock> TakeAsync(PostgresDatabase database, string name, Action left, TimeProvider time, CancellationToken cancellation) =>
        (await OpenAsync(database, name, isPatient: true, left, time, cancellation))!;

    /// <summary>Gives the lock up, if it is still held.</summary>
    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync();
        await _watch.WaitAsync(CancellationToken.None);
        // Ends the session, and with it the lock.
        await _connection.DisposeAsync();
        _released.Dispose();
        _lost.Dispose();
    }

    internal static long KeyOf(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"signer lock {name}")));

    private static async Task<PostgresLock?> OpenAsync(
        PostgresDatabase database, string name, bool isPatient, Action left, TimeProvider time, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenSessionAsync(cancellation);
        bool isTaken = false;
        try
        {
            // Once held it is kept by the pulse alone.
            await using (var limit = new NpgsqlCommand("SET idle_session_timeout = '5s'", connection))
                await limit.ExecuteNonQueryAsync(cancellation);
            if (isPatient)
                await WaitOpenlyAsync(connection, name, cancellation);
            while (!(isTaken = await TryAsync(connection, name, cancellation)) && isPatient)
                await Task.Delay(_pause, time, cancellation);
            return isTaken ? new PostgresLock(name, connection, left, time) : null;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresFault.Of(fault, database.Settings);
        }
        finally
        {
            if (!isTaken)
                await connection.DisposeAsync();
        }
    }

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = KeyOf(name) });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>Lets the holder see who waits. Nobody ever takes this lock alone, so it is had at once.</summary>
    private static async Task WaitOpenlyAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pg_advisory_lock_shared($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = WaitingKeyOf(name) });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static long WaitingKeyOf(string name) => KeyOf($"{name} waiting");

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_pulse, _time);
        await using var pulse = new NpgsqlCommand(WaitingSql, _connection) { CommandTimeout = 3 };
        pulse.Parameters.Add(new NpgsqlParameter<long> { TypedValue = WaitingKeyOf(Name) });
        HashSet<int> waiting = [];
        try
        {
            while (await timer.WaitForNextTickAsync(_released.Token))
            {
                // Not cancelled by a release: that waits for the answer and then ends the session in order.
                int[] found = (int[])(await pulse.ExecuteScalarAsync(CancellationToken.None))!;
                bool isComplete = waiting.IsSubsetOf(found);
                waiting = [.. found];
                if (!isComplete)
                    _left();
            }
        }
        catch (OperationCanceledException)
        {
            // Released.
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            await _lost.CancelAsync();
        }
    }
}
