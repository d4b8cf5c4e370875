using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

/// <summary>Who lives, as the server's locks say it.</summary>
public sealed class NodeLocksTests : IAsyncLifetime
{
    private const string EndOthers = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Nodes_of_one_database_see_each_others_locks_whatever_their_numbers_and_those_of_no_other_database()
    {
        await using TestDatabase elsewhere = await TestDatabase.CreateAsync();
        await using NodeLocks stranger = new(elsewhere.Database);
        await stranger.LookAsync(5, CancellationToken.None);
        await using PostgresLock another = await PostgresLock.TakeAsync(_database.Database, "formation", TimeProvider.System, CancellationToken.None);
        await using NodeLocks first = new(_database.Database);
        await using NodeLocks second = new(_database.Database);
        await using NodeLocks third = new(_database.Database);
        await second.LookAsync(int.MinValue, CancellationToken.None);
        await third.LookAsync(int.MaxValue, CancellationToken.None);

        HeldNodeLocks held = await first.LookAsync(-1, CancellationToken.None);

        Assert.True(held.HoldsOwn);
        Assert.Equal([int.MinValue, -1, int.MaxValue], held.Nodes.Order());
    }

    [Fact]
    public async Task A_node_finds_out_before_it_has_a_lock_that_its_name_is_taken_or_that_others_have_another_roster()
    {
        NodeClaim alice = new("alice-1", "one roster");
        Assert.Equal((false, false), await CompareAsync(alice));
        await using (NodeLocks first = new(_database.Database, alice))
        {
            await first.LookAsync(1, CancellationToken.None);
            Assert.Equal((true, false), await CompareAsync(alice));
            Assert.Equal((false, false), await CompareAsync(alice with { Name = "alice-2" }));
            Assert.Equal((true, true), await CompareAsync(alice with { Roster = "another" }));
            await _database.RunAsync(EndOthers);
            await Assert.ThrowsAsync<JournalException>(async () => await first.LookAsync(1, CancellationToken.None));
            HeldNodeLocks again = await first.LookAsync(1, CancellationToken.None);
            Assert.Equal([1], again.Nodes);
            Assert.Equal((true, false), await CompareAsync(alice));
        }

        await _database.UntilAsync("no lock is left", "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND "
            + "database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        Assert.Equal((false, false), await CompareAsync(alice with { Roster = "another" }));
    }

    private async Task<(bool IsNameTaken, bool IsRosterAnother)> CompareAsync(NodeClaim claim) => (
        await NodeLocks.IsNameTakenAsync(_database.Database, claim, CancellationToken.None),
        await NodeLocks.IsRosterAnotherAsync(_database.Database, claim, CancellationToken.None));

    [Fact]
    public async Task A_lock_goes_with_its_connection_and_the_others_keep_theirs()
    {
        await using NodeLocks first = new(_database.Database);
        HeldNodeLocks before;
        await using (NodeLocks second = new(_database.Database))
        {
            await second.LookAsync(2, CancellationToken.None);
            before = await first.LookAsync(1, CancellationToken.None);
            Assert.Equal([1, 2], before.Nodes.Order());
        }

        await _database.UntilAsync(
            "one lock is left",
            "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        HeldNodeLocks after = await first.LookAsync(1, CancellationToken.None);
        Assert.Equal([1], after.Nodes);
        Assert.Equal(before.Connection, after.Connection);
    }

    [Fact]
    public async Task A_lock_whose_connection_was_ended_is_given_up_without_a_word()
    {
        NodeLocks locks = new(_database.Database);
        await locks.LookAsync(1, CancellationToken.None);
        await _database.RunAsync(EndOthers);
        await locks.DisposeAsync();
        await _database.UntilAsync(
            "the ended connection's lock is gone",
            "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        await using NodeLocks another = new(_database.Database);
        Assert.Equal([2], (await another.LookAsync(2, CancellationToken.None)).Nodes);
    }

    [Fact]
    public async Task A_node_whose_connection_was_ended_is_told_and_has_its_lock_again_on_another_connection()
    {
        await using NodeLocks locks = new(_database.Database);
        HeldNodeLocks before = await locks.LookAsync(1, CancellationToken.None);
        await _database.RunAsync(EndOthers);

        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await locks.LookAsync(1, CancellationToken.None));
        Assert.Equal(("storage_unavailable", true), Rows.Code(fault));

        HeldNodeLocks after = await locks.LookAsync(1, CancellationToken.None);
        Assert.True(after.HoldsOwn);
        Assert.NotEqual(before.Connection, after.Connection);
    }

    [Fact]
    public async Task A_node_that_comes_back_need_not_wait_until_the_server_has_missed_its_former_connection()
    {
        await using NodeLocks forgotten = new(_database.Database);
        await forgotten.LookAsync(1, CancellationToken.None);
        await using NodeLocks locks = new(_database.Database);
        Assert.True((await locks.LookAsync(1, CancellationToken.None)).HoldsOwn);
    }

    [Fact]
    public async Task A_look_that_is_cancelled_leaves_the_next_one_to_another_connection()
    {
        await using NodeLocks locks = new(_database.Database);
        using var impatience = new CancellationTokenSource();
        await using (Npgsql.NpgsqlConnection administrator = await _database.OpenAdministratorAsync())
        {
            // Whoever takes the lock of this node waits for as long as somebody has it for himself.
            await administrator.RunAsync("SELECT pg_advisory_lock(x'6E6F6465'::int, 1)");
            Task<HeldNodeLocks> look = locks.LookAsync(1, impatience.Token).AsTask();
            await _database.UntilAsync("the node waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND NOT granted)");
            await impatience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => look.WaitAsync(CancellationToken.None));
        }

        HeldNodeLocks after = await locks.LookAsync(1, CancellationToken.None);
        Assert.True(after.HoldsOwn);
        Assert.Equal(2, after.Connection);
    }

    [Fact]
    public async Task A_node_that_does_not_look_for_five_seconds_loses_its_lock()
    {
        await using NodeLocks frozen = new(_database.Database);
        await using NodeLocks watching = new(_database.Database);
        await frozen.LookAsync(2, CancellationToken.None);
        Assert.Contains(2, (await watching.LookAsync(1, CancellationToken.None)).Nodes);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while ((await watching.LookAsync(1, patience.Token)).Nodes.Contains(2))
            await Task.Yield();

        Assert.Equal([1], (await watching.LookAsync(1, CancellationToken.None)).Nodes);
    }
}
