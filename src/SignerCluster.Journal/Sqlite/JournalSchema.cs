using System.Globalization;
using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Sqlite;

/// <summary>The numbered scripts under Schema/ and the number of the last one that a file has seen, kept in its <c>user_version</c>.</summary>
internal static class JournalSchema
{
    // "SgnJ", as the scripts set it.
    private const int ApplicationId = 0x53676E4A;

    private static readonly IReadOnlyList<(int Version, string Name)> _scripts = SchemaScripts.Numbered("Sqlite");

    public static int CurrentVersion => _scripts[^1].Version;

    /// <summary>Brings a file up to this binary's version; each script is one transaction.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        int version = ReadVersion(connection);
        foreach ((int number, string name) in _scripts.Where(script => script.Version > version))
            connection.Run($"BEGIN IMMEDIATE; {SchemaScripts.TextOf(name)} PRAGMA user_version = {number}; COMMIT;");
    }

    /// <summary>Refuses a file that this binary would not understand, or has not created yet.</summary>
    public static void Require(SqliteConnection connection)
    {
        RefuseForeign(connection);
        int version = ReadVersion(connection);
        if (version == 0)
            throw Refusal(
                JournalException.MissingCode,
                connection,
                "is empty: there is no journal in it. Put it back from a backup, or repeat the keygen that was interrupted.");
        if (version < CurrentVersion)
            throw Refusal("schema_too_old", connection, $"has schema {version}, this binary needs {CurrentVersion}: open it for writing once.");
    }

    /// <summary>
    /// Refuses a database that is something else, before anything of it is changed: neither an empty one nor one that this or another version made.
    /// </summary>
    public static void RefuseForeign(SqliteConnection connection)
    {
        long application = Ask(connection, "PRAGMA application_id");
        bool isOurs = application == ApplicationId || (application == 0 && ReadVersion(connection) switch
        {
            0 => Ask(connection, "SELECT count(*) FROM sqlite_schema") == 0,
            // The first version did not say whose file it is, but had exactly these tables.
            1 => Ask(connection, "SELECT count(*) = 2 AND total(name IN ('journal', 'open_entity')) = 2 FROM sqlite_schema WHERE type = 'table'") == 1,
            _ => false,
        });
        if (!isOurs)
            throw Refusal("not_a_journal", connection, "is the database of another program.");
    }

    private static int ReadVersion(SqliteConnection connection)
    {
        int version = (int)Ask(connection, "PRAGMA user_version");
        return version <= CurrentVersion
            ? version
            : throw Refusal("schema_too_new", connection, $"has schema {version}, this binary knows up to {CurrentVersion}. Run the newer binary.");
    }

    private static long Ask(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a literal of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static JournalException Refusal(string code, SqliteConnection connection, string what) =>
        new(code, $"{connection.DataSource} {what}", isTransient: false);
}
