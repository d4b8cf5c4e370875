using System.Text;
using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>What every journal does. An adapter's test is a subclass that opens one; a durable one also says how to open it again.</summary>
public abstract partial class JournalSpec : IAsyncLifetime
{
    private static readonly Guid _writer = Guid.Parse("6d1f5d0e-58c3-4d53-9f6c-3a8d5be7a001");
    private static readonly DateTimeOffset _created = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.FromHours(5.5));

    private IJournalStore _journal = null!;

    /// <summary>Opens an empty journal.</summary>
    protected abstract ValueTask<IJournalStore> OpenAsync();

    /// <summary>Forgets everything that is not durable and opens the same journal again. A journal in memory has nothing else.</summary>
    protected virtual ValueTask<IJournalStore> ReopenAsync(IJournalStore journal) => new(journal);

    /// <summary>Takes a stored row away, as a bad disk or a bad hand would: the journal is not told.</summary>
    protected abstract ValueTask RemoveAsync(IJournalStore journal, EntityId id, JournalRow row);

    /// <summary>Puts a row that was taken away back where it was, as an operator with a copy would.</summary>
    protected abstract ValueTask RestoreAsync(IJournalStore journal, EntityId id, JournalRow row);

    public async Task InitializeAsync() => _journal = await OpenAsync();

    public virtual async Task DisposeAsync()
    {
        if (_journal is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [Fact]
    public async Task What_was_appended_is_read_back_whole_also_empty_and_large_messages()
    {
        EntityId id = Entity("session/round-trip");
        byte[] large = new byte[1_000_000];
        new Random(7).NextBytes(large);
        byte[][] messages = [[], [0], "text"u8.ToArray(), large];

        await AppendedAsync(id, 0, messages);

        IReadOnlyList<JournalRow> rows = await ReadAsync(id);
        Assert.Equal(messages, rows.Select(row => row.Message.ToArray()));
        Assert.All(rows, row =>
        {
            Assert.Equal("tested", row.Manifest);
            Assert.Equal(_writer, row.Writer);
            Assert.Equal(_created, row.Created);
        });
        Assert.Equal([1L, 2L, 3L, 4L], rows.Select(row => row.SequenceNumber));
    }

    [Fact]
    public async Task A_message_that_its_owner_overwrites_after_the_append_stays_as_it_was()
    {
        EntityId id = Entity("session/owned");
        byte[] buffer = [9, 1, 2, 3, 9];
        await _journal.AppendAsync(Append(id, 0, new JournalEntry("tested", buffer.AsMemory(1, 3))));
        buffer.AsSpan().Clear();

        Assert.Equal([1, 2, 3], (await ReadAsync(id)).Single().Message.ToArray());
    }

    [Fact]
    public async Task D6_Whatever_an_entity_id_allows_can_be_written_listed_and_read_back()
    {
        string[] texts =
        [
            "k/" + new string('z', 253), "abcdefghijklm/nopqrstuvwxyz/0123456789/._:-", "-/-", "./..", "_/:", "k/a/b/c/d/e/f", "k/0", "k/a-b", "k/a.b", "k/a_b",
        ];
        EntityId[] ids = [.. texts.Select(EntityId.Parse)];
        foreach (EntityId id in ids)
            await AppendedAsync(id, 0, [Encoding.ASCII.GetBytes(id.ToString())]);

        await ReopenJournalAsync();

        foreach (EntityId id in ids)
            Assert.Equal(id.ToString(), Encoding.ASCII.GetString((await ReadAsync(id)).Single().Message.Span));
        foreach (IGrouping<string, EntityId> kind in ids.GroupBy(id => id.Kind))
            Assert.Equal(kind.ToArray(), await KnownAsync(kind.Key));
    }

    [Fact]
    public async Task Reading_begins_after_the_number_asked_for()
    {
        EntityId id = Entity("session/offset");
        await AppendedAsync(id, 0, [[1], [2], [3]]);
        await AppendedAsync(id, 3, [[4]]);

        Assert.Equal([3L, 4L], (await _journal.ReadAsync(id, 2, CancellationToken.None)).Select(row => row.SequenceNumber));
        Assert.Empty(await _journal.ReadAsync(id, 4, CancellationToken.None));
        Assert.Empty(await _journal.ReadAsync(id, 99, CancellationToken.None));
        Assert.Equal([1L, 2L, 3L, 4L], (await _journal.ReadAsync(id, -1, CancellationToken.None)).Select(row => row.SequenceNumber));
    }

    [Fact]
    public async Task An_entity_that_was_never_written_has_no_rows_and_is_not_listed()
    {
        Assert.Empty(await ReadAsync(Entity("session/unknown")));
        Assert.Equal(0, await VersionAsync(Entity("session/unknown")));
        Assert.Empty(await KnownAsync("session"));
        Assert.Empty(await OpenAsync("session"));
    }

    [Fact]
    public async Task D8_The_version_is_the_number_of_the_last_row_that_was_committed()
    {
        EntityId id = Entity("session/version");
        await AppendedAsync(id, 0, [[1], [2]]);
        Assert.Equal(2, await VersionAsync(id));
        await _journal.AppendAsync(Append(id, 0, openAfter: true, [3]));
        Assert.Equal(2, await VersionAsync(id));
        await AppendedAsync(id, 2, [[3]], openAfter: true);
        await ReopenJournalAsync();
        Assert.Equal(3, await VersionAsync(id));
    }

    [Fact]
    public async Task A_cancelled_read_says_so()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadAsync(Entity("session/cancelled"), 0, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadVersionAsync(Entity("session/cancelled"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadKeyEpochAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadAllAsync(0, 1, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadSealedBeforeAsync(2, 0, 1, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ResealAsync([], cancelled));
    }

    [Fact]
    public async Task An_append_that_no_journal_could_store_is_the_callers_mistake_and_writes_nothing()
    {
        EntityId id = Entity("session/malformed");
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await _journal.AppendAsync(Append(id, 0)));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await _journal.AppendAsync(Append(id, -1, new JournalEntry("tested", default))));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await _journal.AppendAsync(Append(id, 0, new JournalEntry(string.Empty, default))));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _journal.AppendAsync(Append(default, 0, new JournalEntry("tested", default))));
        Assert.Empty(await ReadAsync(id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task D8_An_append_that_expects_another_version_conflicts_names_the_actual_one_and_writes_none_of_its_entries(long expected)
    {
        EntityId id = Entity("session/conflict");
        await AppendedAsync(id, 0, [[1], [2]]);

        AppendOutcome outcome = await _journal.AppendAsync(Append(id, expected, openAfter: true, [7], [8]));

        Assert.Equal(new AppendOutcome.Conflict(2), outcome);
        Assert.Equal(2, (await ReadAsync(id)).Count);
        Assert.Empty(await OpenAsync("session"));
    }

    [Fact]
    public async Task D8_A_first_append_that_expects_a_history_conflicts_with_version_0()
    {
        Assert.Equal(new AppendOutcome.Conflict(0), await _journal.AppendAsync(Append(Entity("session/new"), 1, openAfter: true, [1])));
        Assert.Empty(await KnownAsync("session"));
    }

    [Fact]
    public async Task D8_Of_writers_that_race_for_one_version_exactly_one_wins_each_round()
    {
        EntityId id = Entity("session/raced");
        for (long version = 0; version < 20; version += 2)
        {
            AppendOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                Task.Run(() => _journal.AppendAsync(Append(id, version, openAfter: false, [(byte)writer], [(byte)writer])).AsTask())));

            int winner = Array.FindIndex(outcomes, outcome => outcome is AppendOutcome.Appended);
            Assert.Equal(new AppendOutcome.Appended(version + 2), outcomes[winner]);
            Assert.All(outcomes.Where((_, writer) => writer != winner), outcome => Assert.Equal(new AppendOutcome.Conflict(version + 2), outcome));
            Assert.All((await ReadAsync(id)).TakeLast(2), row => Assert.Equal([(byte)winner], row.Message.ToArray()));
        }
    }

    [Fact]
    public async Task D2_Conflicts_of_one_entity_leave_appends_of_others_at_the_same_moment_alone()
    {
        EntityId contested = Entity("session/contested");
        await AppendedAsync(contested, 0, [[1]]);

        AppendOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => i % 2 == 0
            ? _journal.AppendAsync(Append(contested, 0, openAfter: false, [2])).AsTask()
            : _journal.AppendAsync(Append(Entity($"session/free-{i}"), 0, openAfter: false, [3])).AsTask())));

        for (int i = 0; i < outcomes.Length; i++)
            Assert.Equal(i % 2 == 0 ? new AppendOutcome.Conflict(1) : new AppendOutcome.Appended(1), outcomes[i]);
    }

    [Fact]
    public async Task Ordering_grows_with_commits_over_all_entities()
    {
        EntityId a = Entity("session/a");
        EntityId b = Entity("session/b");
        await AppendedAsync(a, 0, [[1], [2]]);
        await AppendedAsync(b, 0, [[3]]);
        await AppendedAsync(a, 2, [[4]]);

        long[] orderings = [.. (await ReadAsync(a)).Concat(await ReadAsync(b)).OrderBy(row => row.Message.Span[0]).Select(row => row.Ordering)];
        Assert.Equal(orderings.Order().Distinct(), orderings);
    }

    [Fact]
    public async Task D7_Every_appended_row_and_the_open_index_are_there_after_reopening_and_histories_continue()
    {
        EntityId open = Entity("session/kept-open");
        EntityId done = Entity("session/kept-done");
        await AppendedAsync(open, 0, [[1], [2]], openAfter: true);
        await AppendedAsync(done, 0, [[3]]);

        await ReopenJournalAsync();

        Assert.Equal([1, 2], (await ReadAsync(open)).Select(row => row.Message.Span[0]));
        Assert.Equal([open, done], await KnownAsync("session"));
        Assert.Equal([open], await OpenAsync("session"));
        Assert.Equal(new AppendOutcome.Conflict(2), await _journal.AppendAsync(Append(open, 0, openAfter: false, [9])));
        await AppendedAsync(open, 2, [[4]]);
        long[] orderings = [.. (await ReadAsync(open)).Select(row => row.Ordering)];
        Assert.True(orderings[2] > (await ReadAsync(done)).Single().Ordering, "A row after reopening is ordered after the rows before it.");
    }

    private static EntityId Entity(string text) => EntityId.Parse(text);

    private static JournalAppend Append(EntityId id, long expectedVersion, params JournalEntry[] entries) =>
        new(id, expectedVersion, entries, OpenAfter: false, _writer, _created);

    private static JournalAppend Append(EntityId id, long expectedVersion, bool openAfter, params byte[][] messages) =>
        new(id, expectedVersion, [.. messages.Select(message => new JournalEntry("tested", message))], openAfter, _writer, _created);

    private async Task AppendedAsync(EntityId id, long expectedVersion, byte[][] messages, bool openAfter = false)
    {
        AppendOutcome outcome = await _journal.AppendAsync(Append(id, expectedVersion, openAfter, messages));
        Assert.Equal(new AppendOutcome.Appended(expectedVersion + messages.Length), outcome);
    }

    private async Task<IReadOnlyList<JournalRow>> ReadAsync(EntityId id) => await _journal.ReadAsync(id, 0, CancellationToken.None);

    private async Task<long> VersionAsync(EntityId id) => await _journal.ReadVersionAsync(id, CancellationToken.None);

    private async Task<EntityId[]> KnownAsync(string kind) => await CollectAsync(_journal.ListAsync(kind, CancellationToken.None));

    private async Task<EntityId[]> OpenAsync(string kind) =>
        [.. (await CollectAsync(_journal.ListOpenAsync(kind, CancellationToken.None))).Select(open => open.Id)];

    private async Task ReopenJournalAsync() => _journal = await ReopenAsync(_journal);

    private static async Task<T[]> CollectAsync<T>(IAsyncEnumerable<T> listing)
    {
        var all = new List<T>();
        await foreach (T listed in listing)
            all.Add(listed);
        return [.. all];
    }
}
