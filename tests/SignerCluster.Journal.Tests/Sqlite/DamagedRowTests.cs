using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class DamagedRowTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SqliteJournal _journal = null!;

    public async Task InitializeAsync()
    {
        _journal = SqliteJournal.Open(_folder.Journal);
        foreach (string id in (string[])["session/before", "session/damaged", "session/after"])
            Rows.AssertAppended(3, await _journal.AppendAsync(Rows.Of(id, 0, [1], [2], [3])));
    }

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("writer_uuid = 'nobody'")]
    [InlineData("writer_uuid = ''")]
    [InlineData("created = -1")]
    [InlineData("created = 9223372036854775807")]
    [InlineData("manifest = ''")]
    [InlineData("key_epoch = -1")]
    [InlineData("key_epoch = 4294967297")]
    [InlineData("sequence_number = 'two'")]
    [InlineData("manifest = NULL")]
    [InlineData("message = 'text'")]
    [InlineData("message = NULL")]
    [InlineData("writer_uuid = x'00'")]
    [InlineData("created = 1.5")]
    public async Task K4_A_row_with_a_column_that_cannot_be_read_quarantines_its_entity_alone_is_shown_to_audits_and_heals(string damage)
    {
        EntityId id = EntityId.Parse("session/damaged");
        JournalRow row = (await _journal.ReadAsync(id, 1, CancellationToken.None))[0];
        Shell.RunUnchecked(_folder.Journal, $"UPDATE journal SET {damage} WHERE ordering = {row.Ordering}");

        UnreadableHistoryException fault = await Assert.ThrowsAsync<UnreadableHistoryException>(() => _journal.CountAsync("session/damaged"));

        Assert.Equal((id, 2), (fault.Id, fault.SequenceNumber));
        // A number that cannot be read leaves a hole where it was.
        Assert.Contains(fault.Reason, (string[])[QuarantineReason.RowMalformed, QuarantineReason.RowMissing]);
        Assert.Equal(3, await _journal.CountAsync("session/before"));
        Assert.Equal(3, await _journal.CountAsync("session/after"));
        IReadOnlyList<StoredRow> all = await _journal.ReadAllAsync(0, 100, CancellationToken.None);
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7, 8, 9], all.Select(stored => stored.Row.Ordering));
        Assert.Equal("session/damaged", all[(int)row.Ordering - 1].PersistenceId);
        Rows.AssertAppended(4, await _journal.AppendAsync(Rows.Of("session/after", 3, [4])));

        Shell.RunUnchecked(
            _folder.Journal,
            $"UPDATE journal SET sequence_number = 2, manifest = 'tested', message = x'02', writer_uuid = '{Guid.Empty}', created = 5, "
                + $"key_epoch = 0 WHERE ordering = {row.Ordering}");
        Assert.Equal(3, await _journal.CountAsync("session/damaged"));
    }

    [Fact]
    public async Task What_stands_under_a_name_that_is_no_id_is_not_listed_and_is_shown_to_audits()
    {
        await using (SqliteConnection shell = Shell.Open(_folder.Journal))
        {
            shell.Run("UPDATE journal SET persistence_id = 'session/DAMAGED' WHERE persistence_id = 'session/damaged'");
            shell.Run("UPDATE entity SET persistence_id = 'session/DAMAGED' WHERE persistence_id = 'session/damaged'");
        }

        Assert.Equal(["session/before", "session/after"], await Rows.CollectAsync(_journal.ListAsync("session", CancellationToken.None)));
        Assert.Equal(["session/before", "session/after"], await Rows.CollectAsync(_journal.ListOpenAsync("session", CancellationToken.None)));
        IReadOnlyList<StoredRow> all = await _journal.ReadAllAsync(0, 100, CancellationToken.None);
        Assert.Equal(3, all.Count(stored => stored.PersistenceId == "session/DAMAGED"));
    }

    [Fact]
    public async Task K4_Rows_beyond_the_version_and_rows_of_an_entity_that_is_not_known_are_refused_and_not_written_over()
    {
        await using (SqliteConnection shell = Shell.Open(_folder.Journal))
        {
            shell.Run("UPDATE entity SET version = 2 WHERE persistence_id = 'session/before'");
            shell.Run("DELETE FROM entity WHERE persistence_id = 'session/damaged'");
        }

        foreach ((string id, long version) in ((string, long)[])[("session/before", 2), ("session/damaged", 0)])
        {
            UnreadableHistoryException fault = await Assert.ThrowsAsync<UnreadableHistoryException>(() => _journal.CountAsync(id));
            Assert.Equal((version + 1, QuarantineReason.RowMalformed), (fault.SequenceNumber, fault.Reason));
        }

        Assert.Equal(("storage_corrupt", false), Code(Rows.NotWritten(await _journal.AppendAsync(Rows.Of("session/before", 2, [9])))));
        Assert.Equal(new AppendOutcome.Conflict(0), await _journal.AppendAsync(Rows.Of("session/damaged", 0, [9])));
        Rows.AssertAppended(4, await _journal.AppendAsync(Rows.Of("session/after", 3, [4])));
    }

    [Fact]
    public async Task K1_A_journal_that_lost_its_key_epoch_writes_nothing_until_it_is_restored()
    {
        await using SqliteConnection shell = Shell.Open(_folder.Journal);
        shell.Run("DELETE FROM journal_head");

        Assert.Equal(("storage_corrupt", false), Code(Rows.NotWritten(await _journal.AppendAsync(Rows.Of("session/after", 3, [4])))));
        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await _journal.ReadKeyEpochAsync(CancellationToken.None));
        Assert.Equal("storage_corrupt", fault.Code);

        shell.Run("INSERT INTO journal_head (one, last_ordering, key_epoch) VALUES (1, 0, 0)");
        Rows.AssertAppended(4, await _journal.AppendAsync(Rows.Of("session/after", 3, [4])));
        Assert.Equal(10, (await _journal.ReadAsync(EntityId.Parse("session/after"), 3, CancellationToken.None)).Single().Ordering);
    }

    private static (string Code, bool IsTransient) Code(JournalException fault) => (fault.Code, fault.IsTransient);
}
