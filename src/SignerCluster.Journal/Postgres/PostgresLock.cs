using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// A named lock of one database, held by at most one of all the processes that ask for it: the server gives it up when its connection ends, and when its holder
/// has given no sign of life for five seconds, as a process that is stopped gives none. Its holder is not told of that, so it saves work and keeps order among
/// the well; what must never happen twice is decided by the journal.
/// </summary>
public sealed class PostgresLock : IAsyncDisposable
{
    private static readonly TimeSpan _pulse = TimeSpan.FromMilliseconds(250);

    // Whoever waits asks again and again. A wait inside the server is one long statement, and while one runs nothing that the database has replaced since is
    // cleared away.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _released = new();
    private readonly Task _pulsing;

    private PostgresLock(NpgsqlConnection connection, TimeProvider time)
    {
        _connection = connection;
        _pulsing = Task.Run(() => PulseAsync(time));
    }

    /// <summary>
    /// Takes the lock, at most 200 ms of <paramref name="time"/> after it became free. Keeps no old row versions alive meanwhile. Throws
    /// <see cref="JournalException"/>, also when the connection is lost while waiting.
    /// </summary>
    public static async Task<PostgresLock> TakeAsync(PostgresDatabase database, string name, TimeProvider time, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenSessionAsync(cancellation);
        bool isTaken = false;
        try
        {
            // Once held it is kept by the pulse alone.
            await using (var limit = new NpgsqlCommand("SET idle_session_timeout = '5s'", connection))
                await limit.ExecuteNonQueryAsync(cancellation);
            while (!(isTaken = await TryAsync(connection, name, cancellation)))
                await Task.Delay(_pause, time, cancellation);
            return new PostgresLock(connection, time);
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

    /// <summary>Gives the lock up, if it is still held.</summary>
    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync();
        await _pulsing.WaitAsync(CancellationToken.None);
        // Ends the session, and with it the lock.
        await _connection.DisposeAsync();
        _released.Dispose();
    }

    internal static long KeyOf(string name) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"signer lock {name}")));

    private static async Task<bool> TryAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = KeyOf(name) });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private async Task PulseAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(_pulse, time);
        await using var pulse = new NpgsqlCommand("SELECT 1", _connection) { CommandTimeout = 3 };
        try
        {
            // Not cancelled by a release: that waits for the answer and then ends the session in order.
            while (await timer.WaitForNextTickAsync(_released.Token))
                await pulse.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // Released.
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            // Lost with its connection.
        }
    }
}
