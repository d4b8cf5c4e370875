using SignerCluster.Conformance;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Keys;

/// <summary>Appends against rotations, and rows that are not where or what they were.</summary>
public sealed class SealedJournalTests : IAsyncLifetime
{
    private static readonly EntityId _id = EntityId.Parse("seat/one");
    private readonly MemoryJournal _store = new();
    private readonly FakeKeyProvider _provider = new();
    private KeyKeeper _keeper = null!;

    public async Task InitializeAsync() => _keeper = await SealedStores.OpenAsync(_store, _provider);

    public async Task DisposeAsync() => await _keeper.DisposeAsync();

    [Fact]
    public async Task K1_A_row_is_sealed_under_the_active_key_and_read_back_plain()
    {
        await AppendedAsync(0, "first"u8.ToArray());
        await _keeper.RotateAsync(CancellationToken.None);
        await AppendedAsync(1, "second"u8.ToArray());

        Assert.Equal([1, 2], (await _store.ReadAsync(_id, 0, CancellationToken.None)).Select(static row => row.KeyEpoch));
        Assert.Equal(["first"u8.ToArray(), "second"u8.ToArray()], (await ReadAsync()).Select(static row => row.Message.ToArray()));
        Assert.All(await _store.ReadAsync(_id, 0, CancellationToken.None), static row => Assert.True(row.Message.Span.IndexOf("first"u8) < 0));
    }

    [Fact]
    public async Task K1_An_append_that_was_sealed_before_a_rotation_committed_is_sealed_anew()
    {
        MemoryJournal inner = new();
        OvertakenStore overtaken = new(inner);
        await using KeyKeeper keeper = await SealedStores.OpenAsync(overtaken, _provider);
        overtaken.OvertakeNextWith(async () => await keeper.RotateAsync(CancellationToken.None));

        Assert.Equal(new AppendOutcome.Appended(1), await keeper.Journal.AppendAsync(Append(0, [7])));

        JournalRow row = Assert.Single(await inner.ReadAsync(_id, 0, CancellationToken.None));
        Assert.Equal(2, row.KeyEpoch);
        Assert.Equal([7], (await keeper.Journal.ReadAsync(_id, 0, CancellationToken.None)).Single().Message.ToArray());
    }

    [Fact]
    public async Task K1_Rotations_racing_appends_of_many_lose_nothing_and_every_row_stands_under_the_key_of_its_moment()
    {
        Task rotations = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await _keeper.RotateAsync(CancellationToken.None);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            EntityId id = EntityId.Parse($"seat/{writer}");
            for (int number = 0; number < 100; number++)
            {
                Assert.Equal(new AppendOutcome.Appended(number + 1), await _keeper.Journal.AppendAsync(Append(number, [(byte)number]) with { Id = id }));
            }
        })).Append(rotations));

        int active = 0;
        foreach (StoredRow stored in await _store.ReadAllAsync(0, int.MaxValue, CancellationToken.None))
        {
            active = stored.Row.Manifest == "key-ring.key-activated.v1" ? active + 1 : active;
            Assert.True(
                stored.Row.KeyEpoch == 0 || stored.Row.KeyEpoch == active,
                $"{stored.PersistenceId} {stored.Row.SequenceNumber} stands under {stored.Row.KeyEpoch} while {active} was active.");
        }

        Assert.Equal(51, active);
        for (int writer = 0; writer < 8; writer++)
        {
            IReadOnlyList<JournalRow> rows = await _keeper.Journal.ReadAsync(EntityId.Parse($"seat/{writer}"), 0, CancellationToken.None);
            Assert.Equal(Enumerable.Range(0, 100), rows.Select(static row => (int)row.Message.Span[0]));
        }
    }

    [Fact]
    public async Task K2_Appends_reads_and_rows_of_earlier_epochs_never_call_the_provider()
    {
        await AppendedAsync(0, [1]);
        await _keeper.RotateAsync(CancellationToken.None);
        int before = _provider.Fetches;
        _provider.IsDown = true;

        await AppendedAsync(1, [2]);
        Assert.Equal(2, (await ReadAsync()).Count);
        await _keeper.ResealAsync(progress: null, CancellationToken.None);
        Assert.Equal(2, (await ReadAsync()).Count);
        Assert.Equal(before, _provider.Fetches);
    }

    [Fact]
    public async Task K3_While_another_process_has_rotated_and_the_provider_is_down_writes_fail_cleanly_and_recover_without_a_restart()
    {
        await AppendedAsync(0, [1]);
        await using (KeyKeeper other = await SealedStores.OpenAsync(_store, new FakeKeyProvider()))
        {
            await other.RotateAsync(CancellationToken.None);
            Assert.Equal(new AppendOutcome.Appended(2), await other.Journal.AppendAsync(Append(1, [2])));
        }

        _provider.IsDown = true;
        AppendOutcome.NotWritten failed = Assert.IsType<AppendOutcome.NotWritten>(await _keeper.Journal.AppendAsync(Append(2, [3])));
        Assert.Equal(("key_unavailable", true), (failed.Fault.Code, failed.Fault.IsTransient));
        JournalException unread = await Assert.ThrowsAsync<JournalException>(async () => await ReadAsync());
        Assert.Equal("key_unavailable", unread.Code);

        _provider.IsDown = false;
        await AppendedAsync(2, [3]);
        Assert.Equal([1, 2, 3], (await ReadAsync()).Select(static row => row.Message.Span[0]));
    }

    [Fact]
    public async Task K3_A_provider_that_takes_long_delays_a_rotation_and_no_append()
    {
        _provider.Slow = new Gate("the provider answers");
        Task<int> rotation = _keeper.RotateAsync(CancellationToken.None).AsTask();
        await AppendedAsync(0, [1]);
        await AppendedAsync(1, [2]);
        Assert.False(rotation.IsCompleted);

        _provider.Slow.Open();
        Assert.Equal(2, await rotation);
        await AppendedAsync(2, [3]);
        Assert.Equal([1, 1, 2], (await _store.ReadAsync(_id, 0, CancellationToken.None)).Select(static row => row.KeyEpoch));
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "a byte of the version flipped", QuarantineReason.EnvelopeMalformed },
        { "a byte of the epoch flipped", QuarantineReason.KeyUnknown },
        { "a byte of the key id flipped", QuarantineReason.KeyUnknown },
        { "a byte of the nonce flipped", QuarantineReason.RowUnauthentic },
        { "a byte of the ciphertext flipped", QuarantineReason.RowUnauthentic },
        { "a byte of the tag flipped", QuarantineReason.RowUnauthentic },
        { "the tag truncated", QuarantineReason.RowUnauthentic },
        { "emptied", QuarantineReason.EnvelopeMalformed },
        { "replaced by plain text", QuarantineReason.EnvelopeMalformed },
        { "renamed to another manifest", QuarantineReason.RowUnauthentic },
        { "swapped with its neighbour", QuarantineReason.RowUnauthentic },
        { "replaced by the same row of another entity", QuarantineReason.RowUnauthentic },
        { "said to stand under another epoch", QuarantineReason.RowUnauthentic },
        { "removed", QuarantineReason.RowMissing },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task K4_A_damaged_row_is_refused_for_its_reason_its_neighbours_are_not_and_restoring_it_heals(string damage, string reason)
    {
        EntityId other = EntityId.Parse("seat/two");
        await AppendedAsync(0, "first"u8.ToArray());
        await AppendedAsync(1, "other"u8.ToArray());
        Assert.Equal(new AppendOutcome.Appended(1), await _keeper.Journal.AppendAsync(Append(0, "twin."u8.ToArray()) with { Id = other }));
        IReadOnlyList<JournalRow> stored = await _store.ReadAsync(_id, 0, CancellationToken.None);
        JournalRow twin = (await _store.ReadAsync(other, 0, CancellationToken.None)).Single();

        _store.Damage(_id, row => row.SequenceNumber != 1 ? row : Damaged(row, damage, stored[1], twin));

        UnreadableHistoryException refused = await Assert.ThrowsAsync<UnreadableHistoryException>(async () => await ReadAsync());
        Assert.Equal((_id, 1L, reason), (refused.Id, refused.SequenceNumber, refused.Reason));
        Assert.Single(await _keeper.Journal.ReadAsync(other, 0, CancellationToken.None));

        _store.Restore(_id, stored);
        Assert.Equal(2, (await ReadAsync()).Count);
    }

    private static JournalRow? Damaged(JournalRow row, string damage, JournalRow neighbour, JournalRow twin) => damage switch
    {
        "a byte of the version flipped" => Flipped(row, 0),
        "a byte of the epoch flipped" => Flipped(row, 3),
        "a byte of the key id flipped" => Flipped(row, 12),
        "a byte of the nonce flipped" => Flipped(row, 13),
        "a byte of the ciphertext flipped" => Flipped(row, 25),
        "a byte of the tag flipped" => Flipped(row, row.Message.Length - 1),
        "the tag truncated" => row with { Message = row.Message[..^1] },
        "emptied" => row with { Message = default },
        "replaced by plain text" => row with { Message = new byte[100] },
        "renamed to another manifest" => row with { Manifest = "other.v1" },
        "swapped with its neighbour" => row with { Message = neighbour.Message },
        "replaced by the same row of another entity" => row with { Message = twin.Message },
        "said to stand under another epoch" => row with { KeyEpoch = 2 },
        "removed" => null,
        _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, "No such damage."),
    };

    private static JournalRow Flipped(JournalRow row, int index)
    {
        byte[] message = row.Message.ToArray();
        message[index] ^= 1;
        return row with { Message = message };
    }

    private static JournalAppend Append(long expected, byte[] message) =>
        new(_id, expected, [new JournalEntry("tested.v1", message)], OpenAfter: true, Guid.Empty, DateTimeOffset.UnixEpoch);

    private async Task AppendedAsync(long expected, byte[] message) =>
        Assert.Equal(new AppendOutcome.Appended(expected + 1), await _keeper.Journal.AppendAsync(Append(expected, message)));

    private async ValueTask<IReadOnlyList<JournalRow>> ReadAsync() => await _keeper.Journal.ReadAsync(_id, 0, CancellationToken.None);
}
