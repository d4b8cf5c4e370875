using System.Text;
using SignerCluster.Runtime;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>What every journal does. An adapter's test is a subclass that opens one; a durable one also says how to open it again.</summary>
public abstract partial class JournalSpec : IAsyncLifetime
{
    private static readonly Guid _writer = Guid.Parse("6d1f5d0e-58c3-4d53-9f6c-3a8d5be7a001");
    private static readonly DateTimeOffset _created = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.FromHours(5.5));

    private IJournal _journal = null!;

    /// <summary>Opens an empty journal.</summary>
    protected abstract ValueTask<IJournal> OpenAsync();

    /// <summary>Forgets everything that is not durable and opens the same journal again. A journal in memory has nothing else.</summary>
    protected virtual ValueTask<IJournal> ReopenAsync(IJournal journal) => new(journal);

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

        Assert.Equal([1L, 2L, 3L, 4L], (await _journal.ReadAsync(id, 0, CancellationToken.None)).Select(row => row.SequenceNumber));
        Assert.Equal([3L, 4L], (await _journal.ReadAsync(id, 2, CancellationToken.None)).Select(row => row.SequenceNumber));
        Assert.Empty(await _journal.ReadAsync(id, 4, CancellationToken.None));
        Assert.Empty(await _journal.ReadAsync(id, 99, CancellationToken.None));
    }

    [Fact]
    public async Task An_entity_that_was_never_written_has_no_rows_and_is_not_listed()
    {
        Assert.Empty(await ReadAsync(Entity("session/unknown")));
        Assert.Empty(await KnownAsync("session"));
        Assert.Empty(await OpenAsync("session"));
    }

    [Fact]
    public async Task A_cancelled_read_says_so()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _journal.ReadAsync(Entity("session/cancelled"), 0, cancelled.Token));
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

    private async Task<EntityId[]> KnownAsync(string kind) => await CollectAsync(_journal.ListAsync(kind, CancellationToken.None));

    private async Task<EntityId[]> OpenAsync(string kind) => await CollectAsync(_journal.ListOpenAsync(kind, CancellationToken.None));

    private async Task ReopenJournalAsync() => _journal = await ReopenAsync(_journal);

    private static async Task<EntityId[]> CollectAsync(IAsyncEnumerable<EntityId> listing)
    {
        var ids = new List<EntityId>();
        await foreach (EntityId id in listing)
            ids.Add(id);
        return [.. ids];
    }
}
