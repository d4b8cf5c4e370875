using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// The locks that say which nodes of one party live: each node holds one, by the number of its incarnation, on a connection of its own that ends with its
/// process. The server also gives it up when its holder has not looked for five seconds, as a process that is stopped does not. Proves life, not death: a lock
/// also goes with its connection, and all go with the server.
/// </summary>
/// <param name="claim">What the node holds beside its incarnation.</param>
public sealed class NodeLocks(PostgresDatabase database, NodeClaim? claim = null) : IAsyncDisposable
{
    // Locks of two numbers: this one says what they are, the other whose. Those of one number, as PostgresLock has, never meet them.
    private const int Kind = 0x6E6F6465;
    private const int NameKind = 0x6E616D65;
    private const int RosterKind = 0x726F7374;

    // Shared, so that a node that has lost its connection has its lock again at once, and not only when the server has noticed the loss too.
    private const string TakeSql = "SELECT pg_advisory_lock_shared($1, $2)";

    private const string LookSql = """
        SELECT objid::bigint, pid = pg_backend_pid() FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = $1 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private NpgsqlConnection? _connection;
    private NpgsqlCommand? _look;
    private long _connections;

    /// <summary>
    /// Tells who holds locks now, after taking the own one where this connection has none yet. Throws <see cref="JournalException"/> when the server cannot be
    /// asked; after that, and after a look that was cancelled, the next one is made on another connection.
    /// </summary>
    /// <param name="own">The incarnation of this node, the same in every call.</param>
    public async ValueTask<HeldNodeLocks> LookAsync(int own, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        bool isAnswered = false;
        try
        {
            _look ??= await ConnectAsync(own, cancellation);
            HeldNodeLocks held = await ReadAsync(_look, own, cancellation);
            isAnswered = true;
            return held;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresFault.Of(fault, database.Settings);
        }
        finally
        {
            if (!isAnswered)
                await DisconnectAsync();
            _oneAtATime.Release();
        }
    }

    /// <summary>Does any node of the party hold a lock? Takes none. Throws <see cref="JournalException"/>.</summary>
    public static async ValueTask<bool> AnyAsync(PostgresDatabase database, CancellationToken cancellation) =>
        (await HeldAsync(database, Kind, cancellation)).Count > 0;

    /// <summary>Does a node of the party have this name? Takes nothing. Throws <see cref="JournalException"/>.</summary>
    public static async ValueTask<bool> IsNameTakenAsync(PostgresDatabase database, NodeClaim claim, CancellationToken cancellation) =>
        (await HeldAsync(database, NameKind, cancellation)).Contains(NumberOf(claim.Name));

    /// <summary>Does a node of the party have another roster? Takes nothing. Throws <see cref="JournalException"/>.</summary>
    public static async ValueTask<bool> IsRosterAnotherAsync(PostgresDatabase database, NodeClaim claim, CancellationToken cancellation) =>
        (await HeldAsync(database, RosterKind, cancellation)).Any(held => held != NumberOf(claim.Roster));

    /// <summary>Gives the own lock up. No look may be under way or follow.</summary>
    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        _oneAtATime.Dispose();
    }

    private static NpgsqlParameter<long> Of(int kind) => new() { TypedValue = kind, NpgsqlDbType = NpgsqlDbType.Bigint };

    // Two texts share a number once in four thousand million: a node that waits for no reason, and nothing worse.
    private static int NumberOf(string text) => BinaryPrimitives.ReadInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ValueTask<List<int>> HeldAsync(PostgresDatabase database, int kind, CancellationToken cancellation) =>
        database.AskAsync(LookSql, NumberIn, cancellation, Of(kind));

    // The server keeps what was a number with a sign as one without.
    private static int NumberIn(NpgsqlDataReader reader) => unchecked((int)(uint)reader.GetInt64(0));

    private async Task<NpgsqlCommand> ConnectAsync(int own, CancellationToken cancellation)
    {
        _connection = await database.OpenSessionAsync(cancellation);
        _connections++;
        // From now on it is kept by the looks alone.
        await using (var limit = new NpgsqlCommand("SET idle_session_timeout = '5s'", _connection))
            await limit.ExecuteNonQueryAsync(cancellation);
        if (claim is not null)
        {
            await TakeAsync(_connection, NameKind, NumberOf(claim.Name), cancellation);
            await TakeAsync(_connection, RosterKind, NumberOf(claim.Roster), cancellation);
        }

        await TakeAsync(_connection, Kind, own, cancellation);
        var look = new NpgsqlCommand(LookSql, _connection);
        look.Parameters.Add(Of(Kind));
        await look.PrepareAsync(cancellation);
        return look;
    }

    private static async Task TakeAsync(NpgsqlConnection connection, int kind, int number, CancellationToken cancellation)
    {
        await using NpgsqlCommand take = new(TakeSql, connection);
        take.Parameters.Add(new NpgsqlParameter<int> { TypedValue = kind });
        take.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
        await take.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<HeldNodeLocks> ReadAsync(NpgsqlCommand look, int own, CancellationToken cancellation)
    {
        HashSet<int> nodes = [];
        bool holdsOwn = false;
        await using NpgsqlDataReader reader = await look.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            int node = NumberIn(reader);
            nodes.Add(node);
            holdsOwn |= node == own && reader.GetBoolean(1);
        }

        return new HeldNodeLocks(_connections, holdsOwn, nodes);
    }

    private async ValueTask DisconnectAsync()
    {
        (NpgsqlCommand? look, NpgsqlConnection? connection) = (_look, _connection);
        (_look, _connection) = (null, null);
        try
        {
            // In this order: a prepared command asks the server to forget it, unless its connection is closed.
            if (connection is not null)
                await connection.DisposeAsync();
            if (look is not null)
                await look.DisposeAsync();
        }
        catch (Exception fault) when (fault is NpgsqlException or IOException)
        {
            // It was lost already, and the lock with it.
        }
    }
}

/// <summary>What a node says of itself to its party's other nodes for as long as it holds its lock.</summary>
/// <param name="Name">Which no other node has.</param>
/// <param name="Roster">What all nodes agree on.</param>
public sealed record NodeClaim(string Name, string Roster);

/// <summary>Who holds a lock at one moment.</summary>
/// <param name="Connection">
/// Counts the connections of one <see cref="NodeLocks"/>: another number means that locks seen before may have gone with the server.
/// </param>
/// <param name="HoldsOwn">Is the own lock held by this very connection?</param>
/// <param name="Nodes">The incarnations that hold one, the own one too.</param>
public sealed record HeldNodeLocks(long Connection, bool HoldsOwn, IReadOnlySet<int> Nodes);
