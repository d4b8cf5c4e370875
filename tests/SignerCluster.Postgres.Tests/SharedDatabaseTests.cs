using Npgsql;
using SignerCluster.Conformance;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>What nodes of one party have in common beside rows: locks, documents, keys.</summary>
public sealed class SharedDatabaseTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateMigratedAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task D8_Of_two_nodes_that_append_to_one_entity_one_wins_each_round_and_the_other_is_told_the_version()
    {
        await using PostgresDatabase second = PostgresDatabase.Create(_database.Settings);
        await using PostgresJournal a = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        await using PostgresJournal b = await PostgresJournal.OpenAsync(second, CancellationToken.None);
        for (long version = 0; version < 40; version++)
        {
            AppendOutcome[] outcomes = await Task.WhenAll(((PostgresJournal[])[a, b]).Select(journal =>
                Task.Run(() => journal.AppendAsync(Rows.Of("session/raced", version, [1])).AsTask())));
            Assert.Single(outcomes, new AppendOutcome.Appended(version + 1));
            Assert.Single(outcomes, new AppendOutcome.Conflict(version + 1));
        }
    }

    [Fact]
    public async Task A_lock_has_one_holder_and_passes_on_when_it_is_released()
    {
        PostgresLock first = await TakeAsync("formation");
        await using PostgresLock other = await TakeAsync("node alice-1");
        Task<PostgresLock> waiting = TakeAsync("formation");
        await UntilSomebodyWaitsAsync();
        Assert.False(waiting.IsCompleted);

        await first.DisposeAsync();

        await using PostgresLock second = await waiting;
    }

    [Fact]
    public async Task Waiting_for_a_lock_can_be_given_up_and_leaves_nothing_behind()
    {
        using var impatience = new CancellationTokenSource();
        await using (PostgresLock first = await TakeAsync("formation"))
        {
            Task<PostgresLock> waiting = TakeAsync("formation", impatience.Token);
            await UntilSomebodyWaitsAsync();
            await impatience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(CancellationToken.None));
        }

        await _database.UntilAsync(
            "the lock is free",
            "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE "
                + "datname = current_database()))");
    }

    [Fact]
    public async Task Whoever_waits_for_a_lock_keeps_no_old_row_versions_alive()
    {
        using var impatience = new CancellationTokenSource();
        await using PostgresLock first = await TakeAsync("formation");
        Task<PostgresLock> waiting = TakeAsync("formation", impatience.Token);
        await UntilSomebodyWaitsAsync();

        // The oldest transaction that a session still looks at: while there is one, nothing replaced after it is cleared away.
        await _database.UntilAsync(
            "nobody looks at the past",
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL)");

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Whoever_looks_for_what_is_open_passes_by_what_was_closed_since_the_last_look()
    {
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 4000).Select(number => journal.AppendAsync(Rows.Of($"session/{number}", 0, [1])).AsTask()));
        await Task.WhenAll(
            Enumerable.Range(0, 4000).Select(number => journal.AppendAsync(Rows.Of($"session/{number}", 1, [2]) with { OpenAfter = false }).AsTask()));

        await using NpgsqlConnection session = await _database.Database.OpenSessionAsync(CancellationToken.None);
        string look = "EXPLAIN (ANALYZE, FORMAT JSON) "
            + $"{JournalReader.OpenSql.Replace("$1", "'session'", StringComparison.Ordinal).Replace("$2", "0", StringComparison.Ordinal)}";
        string plan = (string)(await session.AskAsync(look))!;

        // A plain scan of the index is the one that marks dead entries.
        Assert.Contains("\"Node Type\": \"Index Scan\"", plan, StringComparison.Ordinal);
        Assert.Contains("entity_open", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_that_gives_no_sign_of_life_loses_the_lock_to_whoever_asks_next()
    {
        // Its time stands still, so it never pulses.
        await using PostgresLock frozen = await PostgresLock.TakeAsync(_database.Database, "formation", new ManualTime(), CancellationToken.None);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        await using PostgresLock next = await TakeAsync("formation", patience.Token);
    }

    [Fact]
    public async Task K4_A_first_append_among_rows_of_an_entity_that_is_not_known_is_refused_and_its_neighbours_are_written()
    {
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/lost", 0, [1])));
        Rows.AssertAppended(2, await journal.AppendAsync(Rows.Of("session/lost", 1, [2])));
        await _database.RunAsync("DELETE FROM signer.entity; DELETE FROM signer.journal WHERE sequence_number = 1");

        AppendOutcome[] outcomes = await Task.WhenAll(
            journal.AppendAsync(Rows.Of("session/lost", 0, [9])).AsTask(), journal.AppendAsync(Rows.Of("session/new", 0, [9])).AsTask());

        Assert.Equal([new AppendOutcome.Conflict(0), new AppendOutcome.Appended(1)], outcomes);
        await Assert.ThrowsAsync<UnreadableHistoryException>(() => journal.CountAsync("session/lost"));
    }

    [Fact]
    public async Task Documents_are_created_once_replaced_by_comparison_and_listed_by_name()
    {
        var documents = new PostgresDocuments(_database.Database);
        Assert.Empty(await documents.ReadAllAsync(DocumentKind.Group, CancellationToken.None));
        Assert.True(await documents.TryCreateAsync(DocumentKind.Group, Document("b.json", 1)));
        Assert.True(await documents.TryCreateAsync(DocumentKind.Group, Document("a-1.json", 2)));
        Assert.True(await documents.TryCreateAsync(DocumentKind.Seat, Document("b.json", 3)));
        Assert.False(await documents.TryCreateAsync(DocumentKind.Group, Document("b.json", 9)));
        Assert.False(await documents.TryReplaceAsync(DocumentKind.Group, Document("b.json", 9), new byte[] { 2 }));
        Assert.False(await documents.TryReplaceAsync(DocumentKind.Group, Document("c.json", 9), new byte[] { 1 }));
        Assert.True(await documents.TryReplaceAsync(DocumentKind.Group, Document("b.json", 4), new byte[] { 1 }));

        IReadOnlyList<NodeDocument> groups = await documents.ReadAllAsync(DocumentKind.Group, CancellationToken.None);
        Assert.Equal(["a-1.json 2", "b.json 4"], groups.Select(static document => $"{document.Name} {document.Content.Span[0]}"));
        Assert.Equal(3, (await documents.ReadAllAsync(DocumentKind.Seat, CancellationToken.None)).Single().Content.Span[0]);
        foreach (string bad in (string[])[string.Empty, "A", "a/b", new string('a', 201)])
            await Assert.ThrowsAsync<ArgumentException>(async () => await documents.TryCreateAsync(DocumentKind.Group, Document(bad, 1)));
    }

    [Fact]
    public async Task Of_nodes_that_create_or_replace_one_document_at_once_one_does()
    {
        var documents = new PostgresDocuments(_database.Database);
        bool[] created = await Task.WhenAll(
            Enumerable.Range(1, 8).Select(i => Task.Run(() => documents.TryCreateAsync(DocumentKind.Seat, Document("a", (byte)i)).AsTask())));
        Assert.Single(created, true);
        ReadOnlyMemory<byte> content = (await documents.ReadAllAsync(DocumentKind.Seat, CancellationToken.None)).Single().Content;
        bool[] replaced = await Task.WhenAll(
            Enumerable.Range(11, 8).Select(i => Task.Run(() => documents.TryReplaceAsync(DocumentKind.Seat, Document("a", (byte)i), content).AsTask())));
        Assert.Single(replaced, true);
    }

    [Fact]
    public async Task K1_Sealed_rows_are_read_back_over_rotations_and_reopening_by_another_node()
    {
        var provider = new FakeKeyProvider();
        EntityId id = EntityId.Parse("seat/one");
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
        await using (KeyKeeper keeper = await SealedStores.OpenAsync(journal, provider))
        {
            Rows.AssertAppended(1, await keeper.Journal.AppendAsync(Rows.Of("seat/one", 0, [1])));
            Assert.Equal(2, await keeper.RotateAsync(CancellationToken.None));
            Rows.AssertAppended(2, await keeper.Journal.AppendAsync(Rows.Of("seat/one", 1, [2])));
        }

        await using PostgresDatabase second = PostgresDatabase.Create(_database.Settings);
        await using PostgresJournal other = await PostgresJournal.OpenAsync(second, CancellationToken.None);
        await using KeyKeeper reopened = await SealedStores.OpenAsync(other, provider);
        Assert.Equal([1, 2], (await reopened.Journal.ReadAsync(id, 0, CancellationToken.None)).Select(static row => row.Message.Span[0]));
        Assert.Equal([1, 2], (await other.ReadAsync(id, 0, CancellationToken.None)).Select(static row => row.KeyEpoch));
        _ = await reopened.ResealAsync(progress: null, CancellationToken.None);
        Assert.Equal([2, 2], (await other.ReadAsync(id, 0, CancellationToken.None)).Select(static row => row.KeyEpoch));
    }

    private static NodeDocument Document(string name, byte content) => new(name, new byte[] { content });

    private Task<PostgresLock> TakeAsync(string name, CancellationToken cancellation = default) =>
        PostgresLock.TakeAsync(_database.Database, name, TimeProvider.System, cancellation);

    // Somebody asked for the lock and has none, however it waits.
    private Task UntilSomebodyWaitsAsync() => _database.UntilAsync(
        "somebody waits for the lock",
        """
        SELECT EXISTS (
            SELECT FROM pg_stat_activity AS session WHERE datname = current_database() AND query LIKE '%advisory_lock($1)%' AND pid <> pg_backend_pid()
            AND NOT EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = session.pid AND locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted))
        """);
}
