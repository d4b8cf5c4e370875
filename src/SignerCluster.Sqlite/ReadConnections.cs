using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SignerCluster.Runtime;

namespace SignerCluster.Sqlite;

/// <summary>
/// The reading side: each read borrows a connection, which sees the last commit and does not wait for the writer. A connection on which a
/// read failed is not used again.
/// </summary>
internal sealed class ReadConnections(string path, SqliteJournalSettings settings) : IDisposable
{
    private readonly ConcurrentBag<ReadConnection> _resting = [];
    private int _closed;

    public IReadOnlyList<JournalRow> ReadHistory(EntityId id, long after) => Borrow(connection => connection.ReadHistory(id, after));

    public IReadOnlyList<(long Ordering, EntityId Id)> ReadPage(EntityListing listing, string kind, long after) =>
        Borrow(connection => connection.ReadPage(listing, kind, after));

    public void Dispose()
    {
        Volatile.Write(ref _closed, 1);
        while (_resting.TryTake(out ReadConnection? connection))
            connection.Dispose();
    }

    private T Borrow<T>(Func<ReadConnection, T> read)
    {
        if (Volatile.Read(ref _closed) != 0)
            throw SqliteFault.Stopped(path);
        ReadConnection? connection = null;
        bool healthy = false;
        try
        {
            if (!_resting.TryTake(out connection))
                connection = new ReadConnection(path, JournalConnection.OpenForReading(path, settings));
            T result = read(connection);
            healthy = true;
            return result;
        }
        catch (SqliteException fault)
        {
            throw SqliteFault.Of(fault, path);
        }
        finally
        {
            if (connection is not null)
                Return(connection, healthy);
        }
    }

    private void Return(ReadConnection connection, bool healthy)
    {
        if (!healthy || _resting.Count >= settings.ReadConnectionsKept)
        {
            connection.Dispose();
            return;
        }

        _resting.Add(connection);
        // Closed in the meantime: whoever came last puts the chairs away.
        if (Volatile.Read(ref _closed) != 0)
            Dispose();
    }
}

internal enum EntityListing
{
    Known,
    Open,
}

/// <summary>One reading connection and its statements, prepared once.</summary>
internal sealed class ReadConnection : IDisposable
{
    /// <summary>
    /// Ids per page of a listing, the LIMIT of the two listings below. A page is one short read, so that a slow reader of a long listing does
    /// not keep the log from being folded in.
    /// </summary>
    public const int PageLength = 256;

    internal const string HistorySql =
        """
        SELECT sequence_number, manifest, message, writer_uuid, created, ordering
        FROM journal WHERE persistence_id = $id AND sequence_number > $after ORDER BY sequence_number
        """;

    internal const string KnownSql =
        """
        SELECT ordering, persistence_id FROM journal
        WHERE substr(persistence_id, 1, instr(persistence_id, '/') - 1) = $kind AND sequence_number = 1 AND ordering > $after
        ORDER BY ordering LIMIT 256
        """;

    internal const string OpenSql =
        "SELECT first_ordering, persistence_id FROM open_entity WHERE kind = $kind AND first_ordering > $after ORDER BY first_ordering LIMIT 256";

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _history;
    private readonly SqliteCommand _known;
    private readonly SqliteCommand _open;

    public ReadConnection(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
        _history = connection.CreateCommand();
        _history.CommandText = HistorySql;
        _known = connection.CreateCommand();
        _known.CommandText = KnownSql;
        _open = connection.CreateCommand();
        _open.CommandText = OpenSql;
        foreach (SqliteCommand command in (ReadOnlySpan<SqliteCommand>)[_history, _known, _open])
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = command == _history ? "$id" : "$kind", Value = string.Empty });
            command.Parameters.Add(new SqliteParameter { ParameterName = "$after", Value = 0L });
            command.Prepare();
        }
    }

    /// <summary>The rows after a number. A history with a hole is refused whole.</summary>
    public IReadOnlyList<JournalRow> ReadHistory(EntityId id, long after)
    {
        var rows = new List<JournalRow>();
        using SqliteDataReader reader = Execute(_history, id.ToString(), after);
        while (reader.Read())
        {
            JournalRow row = RowAt(reader, id);
            long expected = rows.Count == 0 ? Math.Max(after, 0) + 1 : rows[^1].SequenceNumber + 1;
            if (row.SequenceNumber != expected)
                throw SqliteFault.Corrupt(_path, $"the history of {id} has row {row.SequenceNumber} where {expected} should be.");
            rows.Add(row);
        }

        return rows;
    }

    public IReadOnlyList<(long Ordering, EntityId Id)> ReadPage(EntityListing listing, string kind, long after)
    {
        var page = new List<(long Ordering, EntityId Id)>();
        using SqliteDataReader reader = Execute(listing == EntityListing.Open ? _open : _known, kind, after);
        while (reader.Read())
        {
            string text = reader.GetString(1);
            page.Add(EntityId.TryParse(text, out EntityId id) ? (reader.GetInt64(0), id) : throw SqliteFault.Corrupt(_path, $"'{text}' is no entity id."));
        }

        return page;
    }

    public void Dispose() => _connection.Dispose();

    private static SqliteDataReader Execute(SqliteCommand command, string subject, long after)
    {
        command.Parameters[0].Value = subject;
        command.Parameters[1].Value = after;
        return command.ExecuteReader();
    }

    private JournalRow RowAt(SqliteDataReader reader, EntityId id)
    {
        long number = reader.GetInt64(0);
        long ticks = reader.GetInt64(4);
        if (!Guid.TryParseExact(reader.GetString(3), "D", out Guid writer) || ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            throw SqliteFault.Corrupt(_path, $"row {number} of {id} has no readable writer or time.");
        var created = new DateTimeOffset(ticks, TimeSpan.Zero);
        return new JournalRow(number, reader.GetString(1), reader.GetFieldValue<byte[]>(2), writer, created, reader.GetInt64(5), KeyEpoch: 0);
    }
}
