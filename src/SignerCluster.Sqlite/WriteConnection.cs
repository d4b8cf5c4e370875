using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SignerCluster.Runtime;
using SQLitePCL;

namespace SignerCluster.Sqlite;

/// <summary>The one connection that writes, and its statements, prepared once. Used by the writer thread only.</summary>
internal sealed class WriteConnection : IDisposable
{
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollBack;
    private readonly SqliteCommand _head;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _open;
    private readonly SqliteCommand _close;

    public WriteConnection(SqliteConnection connection)
    {
        Connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollBack = Prepare("ROLLBACK");
        _head = Prepare(
            """
            SELECT coalesce(max(sequence_number), 0), EXISTS (SELECT 1 FROM open_entity WHERE persistence_id = $id)
            FROM journal WHERE persistence_id = $id
            """,
            "$id");
        _insert = Prepare(
            """
            INSERT INTO journal (persistence_id, sequence_number, manifest, message, writer_uuid, created)
            VALUES ($id, $number, $manifest, $message, $writer, $created)
            """,
            "$id", "$number", "$manifest", "$message", "$writer", "$created");
        _open = Prepare(
            """
            INSERT INTO open_entity (persistence_id, kind, first_ordering)
            SELECT persistence_id, $kind, ordering FROM journal WHERE persistence_id = $id AND sequence_number = 1
            """,
            "$id", "$kind");
        _close = Prepare("DELETE FROM open_entity WHERE persistence_id = $id", "$id");
    }

    public SqliteConnection Connection { get; }

    public bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    public void RollBack()
    {
        // A full disk or a failed write makes SQLite roll back by itself; a second rollback would then be an error.
        if (InTransaction)
            _rollBack.ExecuteNonQuery();
    }

    /// <summary>Writes one append into the open transaction, or answers that it conflicts and writes nothing.</summary>
    public AppendOutcome Write(JournalAppend append)
    {
        string id = append.Id.ToString();
        (long version, bool isOpen) = ReadHead(id);
        if (version != append.ExpectedVersion)
            return new AppendOutcome.Conflict(version);
        Insert(id, append);
        if (append.OpenAfter != isOpen)
            MarkOpen(id, append);
        return new AppendOutcome.Appended(version + append.Entries.Count);
    }

    public void Dispose() => Connection.Dispose();

    private static byte[] Blob(ReadOnlyMemory<byte> message) =>
        MemoryMarshal.TryGetArray(message, out ArraySegment<byte> segment) && segment.Array is { } array && segment.Count == array.Length
            ? array
            : message.ToArray();

    private (long Version, bool IsOpen) ReadHead(string id)
    {
        _head.Parameters[0].Value = id;
        using SqliteDataReader reader = _head.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1) != 0);
    }

    private void Insert(string id, JournalAppend append)
    {
        SqliteParameterCollection parameters = _insert.Parameters;
        parameters[0].Value = id;
        parameters[4].Value = append.Writer.ToString("D");
        parameters[5].Value = append.Created.UtcTicks;
        long number = append.ExpectedVersion;
        foreach (JournalEntry entry in append.Entries)
        {
            parameters[1].Value = ++number;
            parameters[2].Value = entry.Manifest;
            parameters[3].Value = Blob(entry.Message);
            _insert.ExecuteNonQuery();
        }
    }

    private void MarkOpen(string id, JournalAppend append)
    {
        SqliteCommand command = append.OpenAfter ? _open : _close;
        command.Parameters[0].Value = id;
        if (append.OpenAfter)
            command.Parameters[1].Value = append.Id.Kind;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = Connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a literal of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (string name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = string.Empty });
        command.Prepare();
        return command;
    }
}
