using System.Globalization;
using Microsoft.Data.Sqlite;
using SignerCluster.Runtime;

namespace SignerCluster.Sqlite;

/// <summary>The numbered scripts under Schema/ and the number of the last one that a file has seen, kept in its <c>user_version</c>.</summary>
internal static class JournalSchema
{
    private static readonly string[] _scripts = [.. typeof(JournalSchema).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)];

    public static int CurrentVersion => VersionOf(_scripts[^1]);

    /// <summary>Brings a file up to this binary's version; each script is one transaction.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        int version = Read(connection);
        foreach (string script in _scripts.Where(script => VersionOf(script) > version))
            connection.Run($"BEGIN IMMEDIATE; {TextOf(script)} PRAGMA user_version = {VersionOf(script)}; COMMIT;");
    }

    /// <summary>Refuses a file that this binary would not understand, or has not created yet.</summary>
    public static void Require(SqliteConnection connection)
    {
        int version = Read(connection);
        if (version < CurrentVersion)
            throw Refusal("schema_too_old", connection, $"has schema {version}, this binary needs {CurrentVersion}: open it for writing once.");
    }

    private static int Read(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        int version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        return version <= CurrentVersion
            ? version
            : throw Refusal("schema_too_new", connection, $"has schema {version}, this binary knows up to {CurrentVersion}. Run the newer binary.");
    }

    private static JournalException Refusal(string code, SqliteConnection connection, string what) =>
        new(code, $"{connection.DataSource} {what}", isTransient: false);

    private static int VersionOf(string script) => int.Parse(script.AsSpan(0, script.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    private static string TextOf(string script)
    {
        using var reader = new StreamReader(typeof(JournalSchema).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }
}
