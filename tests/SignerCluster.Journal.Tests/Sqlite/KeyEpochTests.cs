using Microsoft.Data.Sqlite;
using SignerCluster.Conformance;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SQLitePCL;

namespace SignerCluster.Journal.Tests.Sqlite;

/// <summary>Key epochs where appends share a transaction and where transactions fail.</summary>
public sealed class KeyEpochTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task K1_Within_one_transaction_an_activation_holds_for_the_appends_after_it()
    {
        using var release = new ManualResetEventSlim();
        var reached = new Gate("writer is about to begin");
        await using SqliteJournal journal = Open(new CommitProbe
        {
            BeforeBegin = _ =>
            {
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
            journal.AppendAsync(Sealed("session/early", 0, 1)).AsTask(),
            journal.AppendAsync(Rows.Of("keys/ring", 0, [1]) with { ActivatesKeyEpoch = 1 }).AsTask(),
            journal.AppendAsync(Sealed("session/between", 0, 1)).AsTask(),
            journal.AppendAsync(Rows.Of("keys/ring", 1, [1]) with { ActivatesKeyEpoch = 2 }).AsTask(),
            journal.AppendAsync(Sealed("session/late", 0, 1)).AsTask(),
            journal.AppendAsync(Sealed("session/new", 0, 2)).AsTask(),
        ];
        release.Set();

        Rows.AssertAppended(1, await first);
        Assert.Equal(
            [
                new AppendOutcome.StaleKeyEpoch(0), new AppendOutcome.Appended(1), new AppendOutcome.Appended(1), new AppendOutcome.Appended(2),
                new AppendOutcome.StaleKeyEpoch(2), new AppendOutcome.Appended(1),
            ],
            await Task.WhenAll(batch));
        Assert.Equal(2, await journal.ReadKeyEpochAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, false, 0)]
    [InlineData(raw.SQLITE_IOERR, false, 0)]
    [InlineData(raw.SQLITE_IOERR, true, 1)]
    public async Task K1_An_activation_is_remembered_exactly_when_its_transaction_committed(int error, bool itHadCommitted, int epoch)
    {
        bool fails = true;
        void Fail(SqliteConnection connection)
        {
            if (fails)
                throw new SqliteException("failed", error);
        }

        await using SqliteJournal journal = Open(itHadCommitted ? new CommitProbe { AfterCommit = Fail } : new CommitProbe { BeforeCommit = Fail });
        AppendOutcome outcome = await journal.AppendAsync(Rows.Of("keys/ring", 0, [1]) with { ActivatesKeyEpoch = 1 });
        Assert.Equal(error != raw.SQLITE_FULL, outcome is AppendOutcome.Unknown);

        fails = false;
        Assert.Equal(epoch, await journal.ReadKeyEpochAsync(CancellationToken.None));
        AppendOutcome expected = epoch == 1 ? new AppendOutcome.Appended(1) : new AppendOutcome.StaleKeyEpoch(0);
        Assert.Equal(expected, await journal.AppendAsync(Sealed("session/a", 0, 1)));
    }

    [Fact]
    public async Task K6_A_reseal_whose_commit_failed_says_so_and_is_done_again()
    {
        bool fails = false;
        await using SqliteJournal journal = Open(new CommitProbe
        {
            BeforeCommit = _ =>
            {
                if (fails)
                    throw new SqliteException("disk I/O error", raw.SQLITE_IOERR);
            },
        });
        await journal.AppendAsync(Rows.Of("keys/ring", 0, [1]) with { ActivatesKeyEpoch = 1 });
        await journal.AppendAsync(Sealed("session/a", 0, 1));
        await journal.AppendAsync(Rows.Of("keys/ring", 1, [1]) with { ActivatesKeyEpoch = 2 });
        StoredRow old = (await journal.ReadSealedBeforeAsync(2, 0, 10, CancellationToken.None)).Single();
        ResealedRow[] anew = [new(old.Row.Ordering, 1, 2, new byte[] { 7 })];

        fails = true;
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await journal.ResealAsync(anew, CancellationToken.None));
        Assert.Equal("storage_io_error", fault.Code);

        fails = false;
        Assert.Equal(1, await journal.ResealAsync(anew, CancellationToken.None));
        Assert.Equal([7], (await journal.ReadAsync(EntityId.Parse("session/a"), 0, CancellationToken.None)).Single().Message.ToArray());
    }

    [Fact]
    public async Task A_journal_opened_for_looking_or_closed_reseals_nothing()
    {
        SqliteJournal journal = Open(CommitProbe.None);
        await using SqliteJournal looking = SqliteJournal.OpenReadOnly(_folder.Journal);
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await looking.ResealAsync([], CancellationToken.None));
        Assert.Equal(("storage_read_only", false), (fault.Code, fault.IsTransient));

        await journal.DisposeAsync();
        fault = await Assert.ThrowsAsync<JournalException>(async () => await journal.ResealAsync([], CancellationToken.None));
        Assert.Equal("journal_stopped", fault.Code);
    }

    private static JournalAppend Sealed(string id, long expectedVersion, int epoch) => Rows.Of(id, expectedVersion, [1]) with { KeyEpoch = epoch };

    private SqliteJournal Open(CommitProbe probe) => SqliteJournal.Open(_folder.Journal, new SqliteJournalSettings(), probe);
}
