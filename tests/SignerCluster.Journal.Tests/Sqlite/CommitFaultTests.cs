using Microsoft.Data.Sqlite;
using SignerCluster.Conformance;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SQLitePCL;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class CommitFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task N7_A_full_database_definitely_writes_nothing_loses_nothing_and_the_same_append_succeeds_when_there_is_room()
    {
        bool full = false;
        await using SqliteJournal journal = Open(new CommitProbe
        {
            BeforeBegin = connection => connection.Run(full ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1000000"),
        });
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        JournalAppend large = Rows.Of("session/a", 1, new byte[100_000], new byte[100_000]);

        full = true;
        JournalException fault = Rows.NotWritten(await journal.AppendAsync(large));
        Assert.Equal(("disk_full", true), (fault.Code, fault.IsTransient));
        Assert.Equal(1, await journal.CountAsync("session/a"));

        full = false;
        Rows.AssertAppended(3, await journal.AppendAsync(large));
        Assert.Equal(3, await journal.CountAsync("session/a"));
    }

    [Fact]
    public async Task Whether_it_can_be_written_is_told_at_the_moment_it_changes_and_costs_no_row()
    {
        bool readOnly = false;
        await using SqliteJournal journal = Open(new CommitProbe
        {
            BeforeBegin = connection => connection.Run(readOnly ? "PRAGMA query_only = 1" : "PRAGMA query_only = 0"),
        });
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        Assert.Null(await journal.FindWriteFaultAsync(CancellationToken.None));

        readOnly = true;
        JournalException fault = (await journal.FindWriteFaultAsync(CancellationToken.None))!;
        Assert.Equal(("storage_read_only", false), (fault.Code, fault.IsTransient));
        Assert.Contains("mount their file system for writing", fault.Message, StringComparison.Ordinal);

        readOnly = false;
        Assert.Null(await journal.FindWriteFaultAsync(CancellationToken.None));
        Rows.AssertAppended(2, await journal.AppendAsync(Rows.Of("session/a", 1, [2])));
        Assert.Equal([1L, 2L], (await journal.ReadAllAsync(0, 10, CancellationToken.None)).Select(static stored => stored.Row.Ordering));
    }

    [Fact]
    public async Task D2_An_append_that_finds_no_room_does_not_take_its_neighbours_in_the_transaction_with_it()
    {
        using var release = new ManualResetEventSlim();
        var reached = new Gate("writer is about to begin");
        bool full = false;
        await using SqliteJournal journal = Open(new CommitProbe
        {
            BeforeBegin = connection =>
            {
                connection.Run(full ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1000000");
                if (reached.IsOpen)
                    return;
                reached.Open();
                release.Wait();
            },
        });

        Task<AppendOutcome> first = journal.AppendAsync(Rows.Of("session/first", 0, [1])).AsTask();
        await reached.WaitAsync();
        Task<AppendOutcome>[] batch =
        [
            journal.AppendAsync(Rows.Of("session/small", 0, [1])).AsTask(),
            journal.AppendAsync(Rows.Of("session/large", 0, new byte[100_000])).AsTask(),
            journal.AppendAsync(Rows.Of("session/stale", 4, [1])).AsTask(),
            journal.AppendAsync(Rows.Of("session/small", 1, [2])).AsTask(),
        ];
        full = true;
        release.Set();

        Rows.AssertAppended(1, await first);
        AppendOutcome[] outcomes = await Task.WhenAll(batch);
        Rows.AssertAppended(1, outcomes[0]);
        Assert.Equal("disk_full", Rows.NotWritten(outcomes[1]).Code);
        Assert.Equal(new AppendOutcome.Conflict(0), outcomes[2]);
        Rows.AssertAppended(2, outcomes[3]);
        Assert.Equal(2, await journal.CountAsync("session/small"));
        Assert.Equal(0, await journal.CountAsync("session/large"));
    }

    [FactWhereMountIsPermitted]
    public async Task N7_A_full_disk_definitely_writes_nothing_and_the_same_append_succeeds_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 2);
        string path = Path.Combine(disk.Path, "journal.db");
        await using SqliteJournal journal = SqliteJournal.Open(path);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        JournalAppend large = Rows.Of("session/a", 1, new byte[200_000]);

        string ballast = disk.Fill();
        JournalException fault = Rows.NotWritten(await journal.AppendAsync(large));
        Assert.Equal(("disk_full", true), (fault.Code, fault.IsTransient));
        Assert.Equal(1, await journal.CountAsync("session/a"));

        File.Delete(ballast);
        Rows.AssertAppended(2, await journal.AppendAsync(large));
        await journal.DisposeAsync();
        await using SqliteJournal reopened = SqliteJournal.Open(path);
        Assert.Equal(2, await reopened.CountAsync("session/a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task N7_A_commit_that_failed_is_unknown_and_the_journal_says_afterwards_which_it_was(bool itHadCommitted)
    {
        bool fails = false;
        void Fail(SqliteConnection connection)
        {
            if (fails)
                throw new SqliteException("disk I/O error", raw.SQLITE_IOERR);
        }

        await using SqliteJournal journal = Open(itHadCommitted ? new CommitProbe { AfterCommit = Fail } : new CommitProbe { BeforeCommit = Fail });
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));

        fails = true;
        JournalException fault = Assert.IsType<AppendOutcome.Unknown>(await journal.AppendAsync(Rows.Of("session/a", 1, [2]))).Fault;
        Assert.Equal("storage_io_error", fault.Code);
        Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [9])));

        fails = false;
        int version = itHadCommitted ? 2 : 1;
        Assert.Equal(version, await journal.CountAsync("session/a"));
        Rows.AssertAppended(version + 1, await journal.AppendAsync(Rows.Of("session/a", version, [3])));
    }

    [Fact]
    public async Task A_storage_that_turned_read_only_definitely_writes_nothing_and_needs_an_operator()
    {
        string readOnly = "OFF";
        await using SqliteJournal journal = Open(new CommitProbe { BeforeBegin = connection => connection.Run($"PRAGMA query_only = {readOnly}") });
        readOnly = "ON";
        JournalException fault = Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        Assert.Equal(("storage_read_only", false), (fault.Code, fault.IsTransient));

        readOnly = "OFF";
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task A_lock_that_a_foreign_process_holds_too_long_is_busy_and_passes()
    {
        await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal, new SqliteJournalSettings { BusyTimeout = TimeSpan.Zero });
        await using var shell = new SqliteConnection($"Data Source={_folder.Journal};Pooling=False");
        await shell.OpenAsync();
        shell.Run("BEGIN IMMEDIATE");
        JournalException fault = Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        Assert.Equal(("storage_busy", true), (fault.Code, fault.IsTransient));

        shell.Run("ROLLBACK");
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
    }

    [Fact]
    public async Task A_writer_that_broke_leaves_its_batch_unknown_and_writes_nothing_more()
    {
        await using SqliteJournal journal = Open(new CommitProbe { BeforeCommit = _ => throw new InvalidOperationException("broken invariant") });

        JournalException fault = Assert.IsType<AppendOutcome.Unknown>(await journal.AppendAsync(Rows.Of("session/a", 0, [1]))).Fault;
        Assert.Equal("broken invariant", fault.InnerException!.Message);
        JournalException later = Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        Assert.Equal(("journal_stopped", false), (later.Code, later.IsTransient));
        Assert.Equal(0, await journal.CountAsync("session/a"));
    }

    private SqliteJournal Open(CommitProbe probe) => SqliteJournal.Open(_folder.Journal, new SqliteJournalSettings(), probe);
}
