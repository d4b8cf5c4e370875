using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

public abstract partial class JournalSpec
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task K4_A_missing_row_is_noticed_wherever_it_is_also_by_who_reads_from_later_on_and_heals_when_it_is_restored(int number)
    {
        EntityId id = Entity("session/damaged");
        await AppendedAsync(id, 0, [[1], [2], [3]], openAfter: true);
        JournalRow[] rows = [.. await ReadAsync(id)];

        await RemoveAsync(_journal, id, rows[number - 1]);

        for (long after = -1; after <= 4; after++)
            await AssertMissingAsync(id, after, number);
        await RestoreAsync(_journal, id, rows[number - 1]);
        Assert.Equal([1, 2, 3], (await ReadAsync(id)).Select(row => row.Message.Span[0]));
        Assert.Equal(rows.Select(row => row.Ordering), (await ReadAsync(id)).Select(row => row.Ordering));
    }

    [Fact]
    public async Task K4_Of_several_missing_rows_the_first_is_named()
    {
        EntityId id = Entity("session/damaged");
        await AppendedAsync(id, 0, [[1], [2], [3], [4], [5]]);
        foreach (JournalRow row in (await ReadAsync(id)).Where(row => row.SequenceNumber is 2 or 4))
            await RemoveAsync(_journal, id, row);

        for (long after = 0; after <= 6; after++)
            await AssertMissingAsync(id, after, 2);
    }

    [Fact]
    public async Task G8_An_entity_that_lost_every_row_is_not_taken_for_new()
    {
        EntityId id = Entity("session/emptied");
        await AppendedAsync(id, 0, [[1], [2]], openAfter: true);
        foreach (JournalRow row in await ReadAsync(id))
            await RemoveAsync(_journal, id, row);

        await ReopenJournalAsync();

        await AssertMissingAsync(id, 0, 1);
        Assert.Equal(2, await VersionAsync(id));
        Assert.Equal(new AppendOutcome.Conflict(2), await _journal.AppendAsync(Append(id, 0, openAfter: false, [9])));
        Assert.Equal([id], await KnownAsync("session"));
        Assert.Equal([id], await OpenAsync("session"));
    }

    [Fact]
    public async Task K4_The_neighbours_of_a_damaged_history_are_read_listed_and_written_as_ever()
    {
        EntityId damaged = Entity("session/damaged");
        EntityId before = Entity("session/before");
        EntityId after = Entity("session/after");
        foreach (EntityId id in (EntityId[])[before, damaged, after])
            await AppendedAsync(id, 0, [[1], [2]], openAfter: true);
        await RemoveAsync(_journal, damaged, (await ReadAsync(damaged))[1]);

        await AppendedAsync(before, 2, [[3]]);
        await AppendedAsync(Entity("session/later"), 0, [[1]], openAfter: true);

        Assert.Equal([1, 2, 3], (await ReadAsync(before)).Select(row => row.Message.Span[0]));
        Assert.Equal([1, 2], (await ReadAsync(after)).Select(row => row.Message.Span[0]));
        Assert.Equal([before, damaged, after, Entity("session/later")], await KnownAsync("session"));
        Assert.Equal([damaged, after, Entity("session/later")], await OpenAsync("session"));
    }

    [Fact]
    public async Task K4_The_place_of_the_last_row_is_not_given_to_another_while_it_is_missing()
    {
        EntityId lost = Entity("session/lost");
        await AppendedAsync(Entity("session/first"), 0, [[1]]);
        await AppendedAsync(lost, 0, [[1]]);
        JournalRow row = (await ReadAsync(lost)).Single();
        await RemoveAsync(_journal, lost, row);
        await ReopenJournalAsync();

        await AppendedAsync(Entity("session/next"), 0, [[2]]);
        Assert.True((await ReadAsync(Entity("session/next"))).Single().Ordering > row.Ordering);

        await RestoreAsync(_journal, lost, row);
        Assert.Equal([Entity("session/first"), lost, Entity("session/next")], await KnownAsync("session"));
        Assert.Equal(row.Ordering, (await ReadAsync(lost)).Single().Ordering);
    }

    [Fact]
    public async Task An_audit_is_given_every_row_in_the_order_of_commits_also_of_damaged_histories()
    {
        await AppendedAsync(Entity("session/a"), 0, [[1], [2]]);
        await AppendedAsync(Entity("guardian/b"), 0, [[3]]);
        await AppendedAsync(Entity("session/a"), 2, [[4]]);
        await RemoveAsync(_journal, Entity("session/a"), (await ReadAsync(Entity("session/a")))[1]);

        IReadOnlyList<StoredRow> all = await _journal.ReadAllAsync(0, 10, CancellationToken.None);
        IReadOnlyList<StoredRow> page = await _journal.ReadAllAsync(all[0].Row.Ordering, 1, CancellationToken.None);

        Assert.Equal(["session/a 1", "guardian/b 1", "session/a 3"], all.Select(stored => $"{stored.PersistenceId} {stored.Row.SequenceNumber}"));
        Assert.Equal([1, 3, 4], all.Select(stored => stored.Row.Message.Span[0]));
        Assert.Equal("guardian/b", page.Single().PersistenceId);
        Assert.Empty(await _journal.ReadAllAsync(all[^1].Row.Ordering, 10, CancellationToken.None));
    }

    private async Task AssertMissingAsync(EntityId id, long after, long number)
    {
        UnreadableHistoryException fault = await Assert.ThrowsAsync<UnreadableHistoryException>(
            async () => await _journal.ReadAsync(id, after, CancellationToken.None));
        Assert.Equal((id, number, QuarantineReason.RowMissing), (fault.Id, fault.SequenceNumber, fault.Reason));
    }
}
