using Microsoft.Data.Sqlite;

namespace SignerCluster.Journal.Sqlite;

/// <summary>Opens connections to a journal file with the settings that its promises rest on.</summary>
internal static class JournalConnection
{
    /// <summary>
    /// The writing connection. WAL with <c>synchronous=FULL</c>: SQLite then syncs the log at the end of every commit, so a commit that
    /// returned survives the machine (with NORMAL it would sync at checkpoints only, and lose the last commits with the power).
    /// </summary>
    public static SqliteConnection OpenForWriting(string path, SqliteJournalSettings settings) =>
        Open(path, SqliteOpenMode.ReadWrite, settings, static connection =>
        {
            JournalSchema.RefuseForeign(connection);
            // The log is folded in every 16 MB: rarer than by default, because each time costs two syncs while appends wait.
            connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;");
            JournalSchema.Upgrade(connection);
        });

    public static SqliteConnection OpenForReading(string path, SqliteJournalSettings settings) =>
        Open(path, SqliteOpenMode.ReadOnly, settings, JournalSchema.Require);

    public static void Run(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode, SqliteJournalSettings settings, Action<SqliteConnection> prepare)
    {
        // DefaultTimeout is in seconds and on top of SQLite's own wait; 0 would mean for ever.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 1 };
        var connection = new SqliteConnection(text.ToString());
        bool isReady = false;
        try
        {
            connection.Open();
            connection.Run($"PRAGMA busy_timeout = {(long)settings.BusyTimeout.TotalMilliseconds}");
            prepare(connection);
            isReady = true;
            return connection;
        }
        finally
        {
            if (!isReady)
                connection.Dispose();
        }
    }
}
