using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Sqlite;

namespace SignerCluster.Journal.Tests.Sqlite;

/// <summary>What an operator's hand at the file does: a second connection that knows nothing of the journal's rules.</summary>
internal static class Shell
{
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Writes past the types and conditions of the tables, as a program that maps the file itself would.</summary>
    public static void RunUnchecked(string path, string sql)
    {
        string[] strict;
        using (SqliteConnection connection = Open(path))
        {
            strict = connection.Ask("SELECT sql FROM sqlite_schema WHERE name = 'journal'");
            connection.Run($"""
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(replace(sql, ') STRICT', ')'), 'NOT NULL', '') WHERE name = 'journal';
                """);
        }

        using (SqliteConnection connection = Open(path))
            connection.Run("PRAGMA ignore_check_constraints = ON; " + sql);
        using (SqliteConnection connection = Open(path))
            connection.Run(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = "
                + $"'{strict[0].Replace("'", "''", StringComparison.Ordinal)}' WHERE name = 'journal'");
    }

    /// <summary>One column of every row of the answer.</summary>
    public static string[] Ask(this SqliteConnection connection, string sql, int column = 0)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests and of the journal.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var answers = new List<string>();
        while (reader.Read())
            answers.Add(reader.GetString(column));
        return [.. answers];
    }
}
