using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Sqlite;

internal enum EntityListing
{
    Known,
    Open,
}

/// <summary>One reading connection and its statements, each prepared when it is first used.</summary>
internal sealed class ReadConnection : IDisposable
{
    /// <summary>
    /// Ids per page of a listing, the LIMIT of the two listings below. A page is one short read, so that a slow reader of a long listing does
    /// not keep the log from being folded in.
    /// </summary>
    public const int PageLength = 256;

    internal const string VersionSql = "SELECT version FROM entity WHERE persistence_id = $id";

    // Always one row, so that it keeps the snapshot while the history is read.
    internal const string ExtentSql =
        """
        SELECT coalesce((SELECT version FROM entity WHERE persistence_id = $id), 0),
            (SELECT count(*) FROM journal WHERE persistence_id = $id AND sequence_number BETWEEN 1 AND $after)
        """;

    internal const string HistorySql =
        $"SELECT {RowColumns.Sql} FROM journal WHERE persistence_id = $id AND sequence_number > $after ORDER BY sequence_number";

    internal const string KnownSql =
        """
        SELECT first_ordering, persistence_id, version FROM entity WHERE kind = $id AND is_open = 0 AND first_ordering > $after
        UNION ALL
        SELECT first_ordering, persistence_id, version FROM entity WHERE kind = $id AND is_open = 1 AND first_ordering > $after
        ORDER BY first_ordering LIMIT 256
        """;

    internal const string OpenSql =
        """
        SELECT first_ordering, persistence_id, version FROM entity
        WHERE kind = $id AND is_open = 1 AND first_ordering > $after ORDER BY first_ordering LIMIT 256
        """;

    internal const string KeyEpochSql = "SELECT key_epoch FROM journal_head WHERE one = 1";

    internal const string AllSql = $"SELECT {RowColumns.Sql} FROM journal WHERE ordering > $after ORDER BY ordering LIMIT $limit";

    internal const string NextEpochSql = "SELECT key_epoch FROM journal WHERE key_epoch > $after AND key_epoch > 0 ORDER BY key_epoch LIMIT 1";

    internal const string SealedSql =
        $"SELECT {RowColumns.Sql} FROM journal WHERE key_epoch = $epoch AND key_epoch > 0 AND ordering > $after ORDER BY ordering LIMIT $limit";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _version;
    private readonly SqliteCommand _extent;
    private readonly SqliteCommand _history;
    private readonly SqliteCommand _known;
    private readonly SqliteCommand _open;
    private readonly SqliteCommand _keyEpoch;
    private readonly SqliteCommand _all;
    private readonly SqliteCommand _nextEpoch;
    private readonly SqliteCommand _sealed;

    public ReadConnection(SqliteConnection connection)
    {
        _connection = connection;
        _version = Command(VersionSql, "$id");
        _extent = Command(ExtentSql, "$id", "$after");
        _history = Command(HistorySql, "$id", "$after");
        _known = Command(KnownSql, "$id", "$after");
        _open = Command(OpenSql, "$id", "$after");
        _keyEpoch = Command(KeyEpochSql);
        _all = Command(AllSql, "$after", "$limit");
        _nextEpoch = Command(NextEpochSql, "$after");
        _sealed = Command(SealedSql, "$epoch", "$after", "$limit");
    }

    public long ReadVersion(EntityId id)
    {
        using SqliteDataReader reader = Execute(_version, id.ToString());
        return reader.Read() ? reader.GetInt64(0) : 0;
    }

    /// <summary>The rows after a number. A history that is not whole, before that number or after it, is refused whole.</summary>
    public IReadOnlyList<JournalRow> ReadHistory(EntityId id, long after)
    {
        string text = id.ToString();
        using SqliteDataReader extent = Execute(_extent, text, after);
        extent.Read();
        long version = extent.GetInt64(0);
        long skipped = Math.Clamp(after, 0, version);
        // When some of the rows that nobody asked for are missing, all are read to find the first that is.
        return ReadRows(id, extent.GetInt64(1) == skipped ? skipped : 0, version);
    }

    /// <summary>A page of a listing, with ids as they are stored.</summary>
    public IReadOnlyList<(long Ordering, string Id, long Version)> ReadPage(EntityListing listing, string kind, long after)
    {
        var page = new List<(long Ordering, string Id, long Version)>();
        using SqliteDataReader reader = Execute(listing == EntityListing.Open ? _open : _known, kind, after);
        while (reader.Read())
            page.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)));
        return page;
    }

    public int ReadKeyEpoch()
    {
        using SqliteDataReader reader = Execute(_keyEpoch);
        return reader.Read() ? reader.GetInt32(0) : throw SqliteFault.Corrupt(_connection.DataSource, "the row of journal_head is missing.");
    }

    public IReadOnlyList<StoredRow> ReadAll(long after, int limit)
    {
        var rows = new List<StoredRow>();
        using SqliteDataReader reader = Execute(_all, after, limit);
        while (reader.Read())
            rows.Add(RowColumns.ReadStored(reader));
        return rows;
    }

    /// <summary>Seeks in each of the epochs, of which a journal has few, and merges.</summary>
    public IReadOnlyList<StoredRow> ReadSealedBefore(int epoch, long after, int limit)
    {
        List<StoredRow> rows = [];
        using SqliteTransaction snapshot = _connection.BeginTransaction(deferred: true);
        foreach (SqliteCommand command in (ReadOnlySpan<SqliteCommand>)[_nextEpoch, _sealed])
            command.Transaction = snapshot;
        for (long old = NextEpoch(0); old < epoch; old = NextEpoch(old))
        {
            using SqliteDataReader reader = Execute(_sealed, old, after, limit);
            while (reader.Read())
                rows.Add(RowColumns.ReadStored(reader));
        }

        return [.. rows.OrderBy(static stored => stored.Row.Ordering).Take(limit)];
    }

    public void Dispose() => _connection.Dispose();

    private List<JournalRow> ReadRows(EntityId id, long after, long version)
    {
        var rows = new List<JournalRow>();
        using SqliteDataReader reader = Execute(_history, id.ToString(), after);
        long expected = after + 1;
        for (; reader.Read(); expected++)
        {
            JournalRow row = RowColumns.Read(reader, out bool isWhole);
            if (row.SequenceNumber > expected && expected <= version)
                break;
            if (!isWhole || row.SequenceNumber != expected)
                throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMalformed, "a column does not hold what it must.");
            if (expected > version)
                throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMalformed, $"the history ends with row {version}.");
            rows.Add(row);
        }

        return expected > version ? rows : throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMissing, "it is missing.");
    }

    private long NextEpoch(long after)
    {
        using SqliteDataReader reader = Execute(_nextEpoch, after);
        return reader.Read() ? reader.GetInt64(0) : long.MaxValue;
    }

    private static SqliteDataReader Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command.ExecuteReader();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a literal of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = 0L });
        return command;
    }
}
