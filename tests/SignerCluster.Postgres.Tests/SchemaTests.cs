using Npgsql;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

public sealed class SchemaTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Of_migrations_that_race_one_migrates_and_the_others_find_it_done()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None))));
        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);

        Assert.Equal((long)PostgresSchema.CurrentVersion, await _database.AskAsync("SELECT count(*) FROM signer.schema_version"));
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_or_not_far_enough_says_what_to_run()
    {
        JournalException fault = await OpenFaultAsync();
        Assert.Equal(("schema_older", false), Rows.Code(fault));
        Assert.Contains("has schema 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("signer journal migrate", fault.Message, StringComparison.Ordinal);

        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);
        await _database.RunAsync($"DELETE FROM signer.schema_version WHERE version = {PostgresSchema.CurrentVersion}");
        Assert.Contains($"has schema {PostgresSchema.CurrentVersion - 1}", (await OpenFaultAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_by_everything_and_the_message_names_both_versions()
    {
        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);
        await _database.RunAsync("INSERT INTO signer.schema_version (version, script) VALUES (999, '999.Future')");

        foreach (JournalException fault in (JournalException[])[await OpenFaultAsync(), await MigrationFaultAsync(_database.Settings)])
        {
            Assert.Equal(("schema_newer", false), Rows.Code(fault));
            Assert.Contains(
                $"has schema 999, this binary knows up to {PostgresSchema.CurrentVersion}. Upgrade the binary.", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_version_before_it_and_is_done_again()
    {
        await _database.RunAsync("CREATE SCHEMA signer; CREATE TABLE signer.document (stranger integer)");
        _ = await MigrationFaultAsync(_database.Settings);
        // The third script is the one that makes it.
        Assert.Equal(2, await _database.AskAsync("SELECT max(version) FROM signer.schema_version"));

        await _database.RunAsync("DROP TABLE signer.document");
        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);
        Assert.Equal(PostgresSchema.CurrentVersion, await _database.AskAsync("SELECT max(version) FROM signer.schema_version"));
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        JournalException fault = await MigrationFaultAsync(_database.Settings with { Database = "nowhere" });
        Assert.Equal(("storage_absent", false), Rows.Code(fault));
        Assert.Contains("/nowhere", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_passing_fault_that_names_its_address()
    {
        JournalException fault = await MigrationFaultAsync(_database.Settings with { Port = 1 });
        Assert.Equal(("storage_unavailable", true), Rows.Code(fault));
        Assert.Contains(":1/", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_can_forget_what_it_acknowledged_is_refused_unless_the_settings_accept_it()
    {
        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);
        bool isForgetful = await _database.AskAsync("SELECT current_setting('fsync') = 'off' OR current_setting('full_page_writes') = 'off'") is true;
        await using PostgresDatabase strict = PostgresDatabase.Create(_database.Settings with { AcceptsForgetfulServer = false });

        if (!isForgetful)
            await (await PostgresJournal.OpenAsync(strict, CancellationToken.None)).DisposeAsync();
        else
            Assert.Equal(
                "storage_forgetful", (await Assert.ThrowsAsync<JournalException>(() => PostgresJournal.OpenAsync(strict, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task D7_A_commit_waits_for_the_disk_also_where_the_database_says_otherwise()
    {
        await PostgresSchema.MigrateAsync(_database.Database, CancellationToken.None);
        await _database.RunAsync($"ALTER DATABASE {_database.Name} SET synchronous_commit = off");
        await using NpgsqlConnection connection = await _database.OpenAdministratorAsync();
        Assert.Equal("off", await connection.AskAsync("SHOW synchronous_commit"));

        foreach (string write in (
            string[])["SELECT signer.lock_head()", "SELECT signer.create_document('group', 'a', '')", "SELECT signer.replace_document('group', 'a', '', '')"])
        {
            await connection.RunAsync($"BEGIN; {write}");
            Assert.Equal("on", await connection.AskAsync("SHOW synchronous_commit"));
            await connection.RunAsync("ROLLBACK");
        }
    }

    [Fact]
    public void Tls_is_left_out_on_this_machine_only()
    {
        PostgresSettings remote = _database.Settings with { Host = "db.example", UsesTls = false };
        Assert.Throws<ArgumentException>(() => PostgresDatabase.Create(remote));
        foreach (string host in (string[])["127.0.0.1", "::1", "localhost", "/run/postgresql"])
            Assert.NotNull(PostgresDatabase.Create(remote with { Host = host }));
        Assert.NotNull(PostgresDatabase.Create(remote with { UsesTls = true }));
    }

    [Fact]
    public async Task A_server_without_tls_is_refused_where_tls_is_asked_for()
    {
        JournalException fault = await MigrationFaultAsync(_database.Settings with { UsesTls = true });
        Assert.Equal("storage_unavailable", fault.Code);
    }

    private async Task<JournalException> OpenFaultAsync() =>
        await Assert.ThrowsAsync<JournalException>(() => PostgresJournal.OpenAsync(_database.Database, CancellationToken.None));

    private static async Task<JournalException> MigrationFaultAsync(PostgresSettings settings)
    {
        await using PostgresDatabase database = PostgresDatabase.Create(settings);
        return await Assert.ThrowsAsync<JournalException>(() => PostgresSchema.MigrateAsync(database, CancellationToken.None));
    }
}
