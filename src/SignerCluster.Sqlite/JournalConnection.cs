using Microsoft.Data.Sqlite;

namespace SignerCluster.Sqlite;

/// <summary>Opens connections to a journal file with the settings that its promises rest on.</summary>
internal static class JournalConnection
{
    /// <summary>
    /// The writing connection. WAL with <c>synchronous=FULL</c>: SQLite then syncs the log at the end of every commit, so a commit that
    /// returned survives the machine (with NORMAL it would sync at checkpoints only, and lose the last commits with the power).
    /// </summary>
    public static SqliteConnection OpenForWriting(string path, SqliteJournalSettings settings)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadWrite, settings);
        try
        {
            connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;");
            JournalSchema.Upgrade(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenForReading(string path, SqliteJournalSettings settings)
    {
        SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly, settings);
        try
        {
            JournalSchema.Require(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Run(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode, SqliteJournalSettings settings)
    {
        // DefaultTimeout is in seconds and on top of SQLite's own wait; 0 would mean for ever.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            connection.Run($"PRAGMA busy_timeout = {(long)settings.BusyTimeout.TotalMilliseconds}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
