using Npgsql;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>What is answered when the server or the way to it fails in the middle of an append.</summary>
public sealed class LostConnectionTests : IAsyncLifetime
{
    // The writer's backend while it waits for the head row that the administrator holds.
    private const string WaitingWriter =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%append_batch%' LIMIT 1";

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateMigratedAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task N7_An_append_whose_connection_is_ended_by_the_server_is_unknown_and_the_journal_says_that_it_was_not_written()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        await using NpgsqlConnection administrator = await HoldHeadAsync();
        Task<AppendOutcome> append = journal.AppendAsync(Rows.Of("session/a", 0, [1])).AsTask();
        await WaitForWriterAsync();

        await _database.RunAsync($"SELECT pg_terminate_backend(({WaitingWriter}))");

        JournalException fault = Assert.IsType<AppendOutcome.Unknown>(await append).Fault;
        Assert.Equal(("storage_unavailable", true), Rows.Code(fault));
        await administrator.RunAsync("ROLLBACK");
        Assert.Equal(0, await journal.CountAsync("session/a"));
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task N7_An_append_that_the_server_gave_up_was_definitely_not_written()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        await using NpgsqlConnection administrator = await HoldHeadAsync();
        Task<AppendOutcome> append = journal.AppendAsync(Rows.Of("session/a", 0, [1])).AsTask();
        await WaitForWriterAsync();

        await _database.RunAsync($"SELECT pg_cancel_backend(({WaitingWriter}))");

        Assert.Equal(("storage_busy", true), Rows.Code(Rows.NotWritten(await append)));
        await administrator.RunAsync("ROLLBACK");
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task N7_A_lock_that_is_held_too_long_is_busy_and_definitely_wrote_nothing()
    {
        await using PostgresDatabase hasty = PostgresDatabase.Create(_database.Settings with { CommandTimeout = TimeSpan.FromSeconds(1) });
        await using PostgresJournal journal = await OpenAsync(hasty);
        await using NpgsqlConnection administrator = await HoldHeadAsync();

        Assert.Equal(("storage_busy", true), Rows.Code(Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [1])))));

        await administrator.RunAsync("ROLLBACK");
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task N7_An_append_whose_answer_was_lost_is_unknown_and_the_journal_says_that_it_was_written()
    {
        await using var proxy = new CuttingProxy(_database.Settings.Host, _database.Settings.Port);
        await using PostgresDatabase through = PostgresDatabase.Create(_database.Settings with { Port = proxy.Port });
        await using PostgresJournal journal = await OpenAsync(through);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));

        // The writer waits for the head, so that what is cut is the answer to the append and not to a sign of life before it.
        await using NpgsqlConnection administrator = await HoldHeadAsync();
        Task<AppendOutcome> append = journal.AppendAsync(Rows.Of("session/a", 1, [2])).AsTask();
        await WaitForWriterAsync();
        proxy.CutAnswers();
        await administrator.RunAsync("ROLLBACK");

        JournalException fault = Assert.IsType<AppendOutcome.Unknown>(await append).Fault;
        Assert.Equal(("storage_unavailable", true), Rows.Code(fault));
        proxy.Mend();
        await _database.UntilAsync("the append is committed", "SELECT max(version) = 2 FROM signer.entity");
        Assert.Equal(2, await journal.CountAsync("session/a"));
        Rows.AssertAppended(3, await journal.AppendAsync(Rows.Of("session/a", 2, [3])));
    }

    [Fact]
    public async Task N7_An_error_at_the_very_end_of_the_commit_is_seen_and_means_that_nothing_was_written()
    {
        await _database.RunAsync("""
            CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused at the commit' USING ERRCODE = '53100'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON signer.journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.manifest = 'full') EXECUTE FUNCTION public.refuse();
            """);
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        JournalAppend append = Rows.Of("session/a", 0, [1]);

        JournalException fault = Rows.NotWritten(await journal.AppendAsync(append with { Entries = [new JournalEntry("full", default)] }));

        Assert.Equal(("disk_full", true), Rows.Code(fault));
        Assert.Equal(0, await journal.CountAsync("session/a"));
        Rows.AssertAppended(1, await journal.AppendAsync(append));
    }

    [Fact]
    public async Task D2_An_append_that_the_server_will_not_have_does_not_take_its_neighbours_in_the_transaction_with_it()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/damaged", 0, [1])));
        // A row stands where the version says that there is none.
        await _database.RunAsync(
            "INSERT INTO signer.journal SELECT ordering + 100, persistence_id, 2, manifest, message, writer_uuid, created, key_epoch FROM signer.journal");
        await using NpgsqlConnection administrator = await HoldHeadAsync();
        Task<AppendOutcome> first = journal.AppendAsync(Rows.Of("session/first", 0, [1])).AsTask();
        await WaitForWriterAsync();
        Task<AppendOutcome>[] batch =
        [
            journal.AppendAsync(Rows.Of("session/sound", 0, [1])).AsTask(),
            journal.AppendAsync(Rows.Of("session/damaged", 1, [2])).AsTask(),
            journal.AppendAsync(Rows.Of("session/stale", 4, [1])).AsTask(),
            journal.AppendAsync(Rows.Of("session/sound", 1, [2])).AsTask(),
        ];
        await administrator.RunAsync("ROLLBACK");

        Rows.AssertAppended(1, await first);
        AppendOutcome[] outcomes = await Task.WhenAll(batch);
        Rows.AssertAppended(1, outcomes[0]);
        Assert.Equal(("storage_corrupt", false), Rows.Code(Rows.NotWritten(outcomes[1])));
        Assert.Equal(new AppendOutcome.Conflict(0), outcomes[2]);
        Rows.AssertAppended(2, outcomes[3]);
        Assert.Equal(2, await journal.CountAsync("session/sound"));
    }

    [Fact]
    public async Task K1_Within_one_transaction_an_activation_holds_for_the_appends_after_it()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        await using NpgsqlConnection administrator = await HoldHeadAsync();
        Task<AppendOutcome> first = journal.AppendAsync(Rows.Of("session/first", 0, [1])).AsTask();
        await WaitForWriterAsync();
        Task<AppendOutcome>[] batch =
        [
            journal.AppendAsync(Rows.Of("session/early", 0, [1]) with { KeyEpoch = 1 }).AsTask(),
            journal.AppendAsync(Rows.Of("keys/ring", 0, [1]) with { ActivatesKeyEpoch = 1 }).AsTask(),
            journal.AppendAsync(Rows.Of("session/between", 0, [1]) with { KeyEpoch = 1 }).AsTask(),
            journal.AppendAsync(Rows.Of("keys/ring", 1, [1]) with { ActivatesKeyEpoch = 2 }).AsTask(),
            journal.AppendAsync(Rows.Of("session/late", 0, [1]) with { KeyEpoch = 1 }).AsTask(),
            journal.AppendAsync(Rows.Of("session/new", 0, [1]) with { KeyEpoch = 2 }).AsTask(),
        ];
        await administrator.RunAsync("ROLLBACK");

        Rows.AssertAppended(1, await first);
        Assert.Equal(
            [
                new AppendOutcome.StaleKeyEpoch(0), new AppendOutcome.Appended(1), new AppendOutcome.Appended(1), new AppendOutcome.Appended(2),
                new AppendOutcome.StaleKeyEpoch(2), new AppendOutcome.Appended(1),
            ],
            await Task.WhenAll(batch));
    }

    [Fact]
    public async Task A_connection_that_was_lost_between_appends_costs_none_of_them()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        await _database.RunAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        AppendOutcome outcome = await journal.AppendAsync(Rows.Of("session/a", 1, [2]));

        // Within a second of the last append nobody asks first, and then it is unknown rather than guessed; it was not written, and the next one is.
        Assert.True(outcome is AppendOutcome.Unknown || outcome == new AppendOutcome.Appended(2), outcome.ToString());
        long version = await journal.ReadVersionAsync(EntityId.Parse("session/a"), CancellationToken.None);
        Rows.AssertAppended(version + 1, await journal.AppendAsync(Rows.Of("session/a", version, [3])));
    }

    [Fact]
    public async Task D7_A_journal_that_lost_its_key_epoch_writes_nothing_until_it_is_restored()
    {
        await using PostgresJournal journal = await OpenAsync(_database.Database);
        await _database.RunAsync("DELETE FROM signer.journal_head");

        Assert.Equal(("storage_corrupt", false), Rows.Code(Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [4])))));
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await journal.ReadKeyEpochAsync(CancellationToken.None));
        Assert.Equal("storage_corrupt", fault.Code);

        await _database.RunAsync("INSERT INTO signer.journal_head (one, last_ordering, key_epoch) VALUES (1, 0, 0)");
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [4])));
    }

    [Fact]
    public async Task A_journal_opened_for_looking_or_closed_writes_nothing()
    {
        PostgresJournal journal = await OpenAsync(_database.Database);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        await using PostgresJournal looking = await PostgresJournal.OpenReadOnlyAsync(_database.Database, CancellationToken.None);
        Assert.Equal(1, await looking.CountAsync("session/a"));
        Assert.Equal(("storage_read_only", false), Rows.Code(Rows.NotWritten(await looking.AppendAsync(Rows.Of("session/a", 1, [2])))));
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await looking.ResealAsync([], CancellationToken.None));
        Assert.Equal("storage_read_only", fault.Code);

        await journal.DisposeAsync();
        Assert.Equal(("journal_stopped", false), Rows.Code(Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 1, [2])))));
    }

    private static Task<PostgresJournal> OpenAsync(PostgresDatabase database) => PostgresJournal.OpenAsync(database, CancellationToken.None);

    private async Task<NpgsqlConnection> HoldHeadAsync()
    {
        NpgsqlConnection administrator = await _database.OpenAdministratorAsync();
        await administrator.RunAsync("BEGIN; SELECT FROM signer.journal_head FOR UPDATE");
        return administrator;
    }

    private Task WaitForWriterAsync() => _database.UntilAsync("the writer waits for the head row", $"SELECT EXISTS ({WaitingWriter})");
}
