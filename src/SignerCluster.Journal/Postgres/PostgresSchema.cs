using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>The numbered scripts under Schema/ and the number of the last one that a database has seen, kept in its table <c>schema_version</c>.</summary>
public static class PostgresSchema
{
    internal const string Advice = "As its owner run: signer journal migrate --config FILE --user OWNER --password-file FILE";

    internal const string AbsentAdvice =
        "As an administrator of the server create it, and its roles with: signer journal roles | psql -v owner=OWNER -v node=USER -d DATABASE. "
        + "Then, as its owner, run: signer journal migrate --config FILE --user OWNER --password-file FILE";

    // "SgnMigra": one lock for whoever migrates a database, whatever binary it runs.
    private const long LockKey = 0x53676E4D69677261;

    private static readonly IReadOnlyList<(int Version, string Name)> _scripts = SchemaScripts.Numbered("Postgres");

    /// <summary>The version that this binary reads and writes.</summary>
    public static int CurrentVersion => _scripts[^1].Version;

    /// <summary>
    /// Brings the database up to this binary's version, one transaction per script; does nothing when it is there already. Any number of processes may do this
    /// at once: one does it and the others wait. Throws <see cref="JournalException"/>: <c>schema_newer</c>, <c>storage_no_rights</c> and the faults of a lost
    /// server.
    /// </summary>
    public static async Task MigrateAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenSessionAsync(cancellation);
        try
        {
            // Nobody waits for ever: a migration that holds the lock for longer than a minute is looked into by a person.
            await RunAsync(connection, $"SET statement_timeout = '60s'; SELECT pg_advisory_lock({LockKey})", cancellation);
            int version = await ReadVersionAsync(connection, cancellation);
            RefuseNewer(version, database.Settings);
            if (version == 0)
                await CreateSchemaAsync(connection, cancellation);
            foreach ((int number, string name) in _scripts.Where(script => script.Version > version))
                await ApplyAsync(connection, number, name, cancellation);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresFault.Of(fault, database.Settings);
        }
    }

    /// <summary>Refuses a database that this binary would not understand, or that is not migrated yet.</summary>
    internal static async Task RequireAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await database.OpenSessionAsync(cancellation);
        try
        {
            int version = await ReadVersionAsync(connection, cancellation);
            RefuseNewer(version, database.Settings);
            if (version < CurrentVersion)
                throw PostgresFault.Fault(
                    "schema_older", $"has schema {version}, this binary needs {CurrentVersion}. {Advice}", isTransient: false, inner: null, database.Settings);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresFault.Of(fault, database.Settings);
        }
    }

    private static void RefuseNewer(int version, PostgresSettings settings)
    {
        if (version > CurrentVersion)
        {
            throw PostgresFault.Fault(
                "schema_newer",
                $"has schema {version}, this binary knows up to {CurrentVersion}. Upgrade the binary.",
                isTransient: false,
                inner: null,
                settings);
        }
    }

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // Two questions, because a statement that names a table that is not there is an error.
        if (await ScalarAsync(connection, "SELECT to_regclass('signer.schema_version')::text", cancellation) is not string)
            return 0;
        return (int)(await ScalarAsync(connection, "SELECT coalesce(max(version), 0) FROM signer.schema_version", cancellation))!;
    }

    private static async Task CreateSchemaAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // An owner role that was given its schema by roles.sql may not create one, not even if there is none to create.
        if (await ScalarAsync(connection, "SELECT to_regnamespace('signer')::text", cancellation) is not string)
            await RunAsync(connection, "CREATE SCHEMA signer", cancellation);
        await RunAsync(
            connection,
            "CREATE TABLE IF NOT EXISTS signer.schema_version (version integer NOT NULL PRIMARY KEY, script text NOT NULL, "
                + "applied timestamptz NOT NULL DEFAULT now())",
            cancellation);
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, int number, string name, CancellationToken cancellation)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, SchemaScripts.TextOf(name), cancellation);
        await RunAsync(connection, $"INSERT INTO signer.schema_version (version, script) VALUES ({number}, '{name}')", cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(connection, sql);
        return await command.ExecuteScalarAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Every text is one of this assembly's own.
        return new NpgsqlCommand(sql, connection) { CommandTimeout = 65 };
#pragma warning restore CA2100
    }
}
