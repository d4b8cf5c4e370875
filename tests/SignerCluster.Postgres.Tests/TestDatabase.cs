using Npgsql;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>
/// A database of its own for one test, in the server that SIGNER_TEST_POSTGRES names (the connection string of a superuser of a throw-away server); dropped
/// with its roles when disposed.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly string? _server = Environment.GetEnvironmentVariable("SIGNER_TEST_POSTGRES");
    private readonly NpgsqlDataSource _administrator;

    private TestDatabase(string name, NpgsqlDataSource administrator)
    {
        Name = name;
        _administrator = administrator;
        Database = PostgresDatabase.Create(Settings);
    }

    public string Name { get; }

    /// <summary>As the superuser.</summary>
    public PostgresDatabase Database { get; }

    public string OwnerRole => $"{Name}_owner";

    public string NodeRole => $"{Name}_node";

    /// <summary>The superuser's; a server that asks for none takes any.</summary>
    public static string Password => Server.Password is { Length: > 0 } password ? password : "none";

    public PostgresSettings Settings => SettingsOf(Name);

    private static NpgsqlConnectionStringBuilder Server => new(
        _server ?? throw new InvalidOperationException("These tests need a throw-away PostgreSQL server. Run: ./signer test --cluster"));

    /// <summary>Makes an empty database.</summary>
    public static async Task<TestDatabase> CreateAsync()
    {
        string name = $"test_{Guid.NewGuid():n}";
        await RunOnServerAsync($"CREATE DATABASE {name}");
        // No pool: every administrator's connection is one that the test knows of.
        var text = new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Database = name, Pooling = false };
        return new TestDatabase(name, NpgsqlDataSource.Create(text));
    }

    /// <summary>Makes a database with this binary's schema.</summary>
    public static async Task<TestDatabase> CreateMigratedAsync()
    {
        TestDatabase database = await CreateAsync();
        await PostgresSchema.MigrateAsync(database.Database, CancellationToken.None);
        return database;
    }

    public async Task<NpgsqlConnection> OpenAdministratorAsync() => await _administrator.OpenConnectionAsync();

    public async Task RunAsync(string sql)
    {
        await using NpgsqlConnection connection = await OpenAdministratorAsync();
        await connection.RunAsync(sql);
    }

    public async Task<object?> AskAsync(string sql)
    {
        await using NpgsqlConnection connection = await OpenAdministratorAsync();
        return await connection.AskAsync(sql);
    }

    /// <summary>Asks until the answer is true; a watchdog gives up after a minute and names what was waited for.</summary>
    public async Task UntilAsync(string what, string sql)
    {
        await using NpgsqlConnection connection = await OpenAdministratorAsync();
        long begun = TimeProvider.System.GetTimestamp();
        while (await connection.AskAsync(sql) is not true)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60))
                throw new TimeoutException($"It never came to this: {what}");
            await Task.Yield();
        }
    }

    /// <summary>Takes a stored row away, as a bad disk or a bad hand would.</summary>
    public Task RemoveAsync(EntityId id, JournalRow row) =>
        RunAsync($"DELETE FROM signer.journal WHERE persistence_id = '{id}' AND sequence_number = {row.SequenceNumber}");

    /// <summary>Puts a row that was taken away back where it was.</summary>
    public Task RestoreAsync(EntityId id, JournalRow row) => RunAsync($"""
        INSERT INTO signer.journal (ordering, persistence_id, sequence_number, manifest, message, writer_uuid, created, key_epoch) VALUES
        ({row.Ordering}, '{id}', {row.SequenceNumber}, '{row.Manifest}', '\x{Convert.ToHexString(row.Message.Span)}', '{row.Writer:D}', {row.Created.UtcTicks}, {row.KeyEpoch})
        """);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _administrator.DisposeAsync();
        await RunOnServerAsync($"DROP DATABASE {Name} WITH (FORCE)", $"DROP ROLE IF EXISTS {OwnerRole}", $"DROP ROLE IF EXISTS {NodeRole}");
    }

    /// <summary>A database of the server that the environment names.</summary>
    internal static PostgresSettings SettingsOf(string name) => SettingsOf(Server, name);

    internal static PostgresSettings SettingsOf(NpgsqlConnectionStringBuilder server, string name) => new()
    {
        Host = server.Host!,
        Port = server.Port,
        Database = name,
        User = server.Username!,
        Password = server.Password is { Length: > 0 } password ? DatabasePassword.Take(System.Text.Encoding.ASCII.GetBytes(password)) : null,
        UsesTls = false,
        AcceptsForgetfulServer = true,
    };

    private static async Task RunOnServerAsync(params string[] statements)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Server.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        foreach (string sql in statements)
            await connection.RunAsync(sql);
    }
}
