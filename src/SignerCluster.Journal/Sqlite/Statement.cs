using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// A statement prepared once and run for every append, bound by position: looking up names, as <see cref="SqliteCommand"/> does at every run,
/// costs more than most of the statements here. Parameters are numbered from 1, columns from 0. Throws <see cref="SqliteException"/>.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        ThrowIfFailed(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public Statement Bind(int parameter, long value)
    {
        ThrowIfFailed(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string value)
    {
        ThrowIfFailed(raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, which SQLite would take for NULL.
        ThrowIfFailed(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>Runs to the end and returns how many rows were changed.</summary>
    public int Run()
    {
        try
        {
            ThrowIfFailed(raw.sqlite3_step(_statement));
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Reads whole numbers of the first row into <paramref name="columns"/>; false when there is no row.</summary>
    public bool TryRead(Span<long> columns)
    {
        try
        {
            int result = raw.sqlite3_step(_statement);
            ThrowIfFailed(result);
            for (int i = 0; i < columns.Length && result == raw.SQLITE_ROW; i++)
                columns[i] = raw.sqlite3_column_int64(_statement, i);
            return result == raw.SQLITE_ROW;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private void ThrowIfFailed(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
