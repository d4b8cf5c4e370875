using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

/// <summary>Whether a party's database can be written, and what is said where it cannot.</summary>
public sealed class WritabilityTests : IAsyncLifetime
{
    private const string EndOthers = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateMigratedAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_database_that_was_made_read_only_cannot_be_written_says_so_and_what_to_do_and_is_well_again_at_once()
    {
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/one", 0, [1])));
        Assert.Null(await _database.Database.FindWriteFaultAsync(CancellationToken.None));

        await _database.RunAsync($"ALTER DATABASE {_database.Name} SET default_transaction_read_only = on");
        await _database.RunAsync(EndOthers);
        JournalException fault = (await _database.Database.FindWriteFaultAsync(CancellationToken.None))!;
        Assert.Equal("storage_read_only", fault.Code);
        Assert.Contains("default_transaction_read_only is on", fault.Message, StringComparison.Ordinal);
        // The connection that was ended is found out by the first append, which is unknown; the next one is on a fresh connection.
        _ = await journal.AppendAsync(Rows.Of("session/one", 1, [2]));
        Assert.Equal("storage_read_only", Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/one", 1, [2]))).Code);

        await using (Npgsql.NpgsqlConnection administrator = await _database.OpenAdministratorAsync())
        {
            await administrator.RunAsync("SET default_transaction_read_only = off");
            await administrator.RunAsync($"ALTER DATABASE {_database.Name} RESET default_transaction_read_only");
            await administrator.RunAsync(EndOthers);
        }

        Assert.Null(await _database.Database.FindWriteFaultAsync(CancellationToken.None));
        Assert.Equal(1, await journal.CountAsync("session/one"));
    }

    [Fact]
    public async Task A_disk_that_was_full_for_the_last_append_is_told_until_an_append_finds_room()
    {
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        _database.Database.NoteAppend(new JournalException("message_too_large", "One append's own fault.", isTransient: false));
        Assert.Null(await _database.Database.FindWriteFaultAsync(CancellationToken.None));
        _database.Database.NoteAppend(new JournalException("disk_full", "No room.", isTransient: true));
        Assert.Equal("disk_full", (await _database.Database.FindWriteFaultAsync(CancellationToken.None))!.Code);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/one", 0, [1])));
        Assert.Null(await _database.Database.FindWriteFaultAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_cannot_be_written_either()
    {
        await using PostgresDatabase nowhere = PostgresDatabase.Create(_database.Settings with { Port = 1 });
        Assert.Equal("storage_unavailable", (await nowhere.FindWriteFaultAsync(CancellationToken.None))!.Code);
        Assert.Equal("storage_unavailable", nowhere.LastFault!.Code);
    }
}
