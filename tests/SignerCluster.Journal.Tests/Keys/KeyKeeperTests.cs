using SignerCluster.Conformance;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Tests.Keys;

/// <summary>The life of data keys: from the first one over rotations and restarts to retirement.</summary>
public sealed class KeyKeeperTests : IAsyncLifetime
{
    private static readonly EntityId _id = EntityId.Parse("seat/one");
    private static readonly KeyKeeperSettings _small = new() { MessagesPerKey = 40, MessagesPerReservation = 10 };
    private MemoryJournal _store = new();
    private readonly FakeKeyProvider _provider = new();
    private readonly ManualTime _time = new();
    private KeyKeeper _keeper = null!;
    private long _version;

    public async Task InitializeAsync() => _keeper = await OpenAsync();

    public async Task DisposeAsync() => await _keeper.DisposeAsync();

    [Fact]
    public async Task A_new_journal_gets_its_first_key_and_a_reopened_one_keeps_it()
    {
        await AppendAsync(1);
        await ReopenAsync();
        Assert.Equal(1, (await _keeper.ShowAsync()).Active!.Epoch);
        Assert.Single(await ReadAsync());
        Assert.Equal(2, _provider.Fetches);
    }

    [Fact]
    public async Task K4_Another_key_encryption_key_opens_nothing_and_changes_nothing()
    {
        await AppendAsync(1);
        long ring = await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None);
        KeyProviderException refused = await Assert.ThrowsAsync<KeyProviderException>(() => OpenAsync(new FakeKeyProvider(seed: 9)));
        Assert.Equal(("key_mismatch", false), (refused.Code, refused.IsTransient));
        Assert.Equal(ring, await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None));
    }

    [Fact]
    public async Task K3_With_the_provider_down_a_journal_does_not_open_and_opens_once_it_is_back()
    {
        _provider.IsDown = true;
        await Assert.ThrowsAsync<KeyProviderException>(() => OpenAsync());
        await Assert.ThrowsAsync<KeyProviderException>(async () => await _keeper.RotateAsync(CancellationToken.None));
        Assert.Equal(1, (await _keeper.ShowAsync()).Active!.Epoch);

        _provider.IsDown = false;
        await (await OpenAsync()).DisposeAsync();
        Assert.Equal(2, await _keeper.RotateAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Looking_writes_nothing_and_reads_everything()
    {
        await AppendAsync(3);
        long rows = (await _store.ReadAllAsync(0, int.MaxValue, CancellationToken.None)).Count;
        await using KeyKeeper looking = await KeyKeeper.LookAsync(SealedStores.Parts(_store, _provider));
        Assert.Equal(3, (await looking.Journal.ReadAsync(_id, 0, CancellationToken.None)).Count);
        Assert.Equal(rows, (await _store.ReadAllAsync(0, int.MaxValue, CancellationToken.None)).Count);
        await using KeyKeeper empty = await KeyKeeper.LookAsync(SealedStores.Parts(new MemoryJournal(), _provider));
        Assert.Null((await empty.ShowAsync()).Active);
    }

    [Fact]
    public async Task A_restart_does_not_refill_what_a_key_may_seal()
    {
        await BeginAsync(_small);
        for (int restart = 0; restart < 4; restart++)
        {
            await AppendAsync(1);
            await ReopenAsync(_small);
        }

        Assert.Equal(1, (await _keeper.ShowAsync()).Active!.Epoch);
        Assert.Equal(40, (await _keeper.ShowAsync()).Active!.MessagesReserved);
        await AppendAsync(1);
        Assert.Equal(2, (await _keeper.ShowAsync()).Active!.Epoch);
    }

    [Fact]
    public async Task A_key_is_rotated_before_it_seals_more_than_it_may_and_no_row_is_lost_over_it()
    {
        await BeginAsync(_small);
        await AppendAsync(200);
        IEnumerable<IGrouping<int, JournalRow>> byEpoch = (await _store.ReadAsync(_id, 0, CancellationToken.None)).GroupBy(static row => row.KeyEpoch);
        Assert.All(byEpoch, static rows => Assert.InRange(rows.Count(), 1, 40));
        Assert.True(byEpoch.Count() >= 5);
        Assert.Equal(200, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task A_key_that_has_sealed_three_quarters_is_rotated_in_the_background_so_that_no_append_waits_for_the_provider()
    {
        await BeginAsync(_small);
        await AppendAsync(25);
        Assert.Equal(1, _keeper.Keys.Active!.Epoch);
        await TickUntilAsync(static ring => ring.Active!.Epoch >= 2);
    }

    [Fact]
    public async Task K3_A_background_rotation_that_finds_the_provider_down_leaves_it_alone_for_a_while_and_appends_go_on()
    {
        await BeginAsync(_small);
        await AppendAsync(25);
        _provider.IsDown = true;
        int before = _provider.Fetches;
        await TickUntilAsync(_ => _provider.Fetches > before);
        _time.Advance(_small.BackgroundPeriod);
        Assert.Equal(before + 1, _provider.Fetches);
        await AppendAsync(5);

        _provider.IsDown = false;
        _time.Advance(_small.ProviderPause);
        await TickUntilAsync(static ring => ring.Active!.Epoch >= 2);
    }

    [Fact]
    public async Task K6_After_a_rotation_the_background_moves_old_rows_to_the_new_key_and_only_then_retires_the_old_one()
    {
        await AppendAsync(500);
        await _keeper.RotateAsync(CancellationToken.None);
        _time.Advance(new KeyKeeperSettings().BackgroundPeriod);
        Assert.Equal(KeyPhase.Superseded, (await _keeper.ShowAsync()).Find(1)!.Phase);

        await TickUntilAsync(static ring => ring.Find(1)!.Phase == KeyPhase.Retired);

        Assert.All(await _store.ReadAsync(_id, 0, CancellationToken.None), static row => Assert.Equal(2, row.KeyEpoch));
        Assert.Equal(500, (await ReadAsync()).Count);
        await ReopenAsync();
        Assert.Equal(500, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task K6_A_re_seal_that_was_interrupted_goes_on_after_a_restart()
    {
        await AppendAsync(300);
        await _keeper.RotateAsync(CancellationToken.None);
        using CancellationTokenSource stop = new();
        SynchronousProgress progress = new(rows => { if (rows >= 256) { stop.Cancel(); } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _keeper.ResealAsync(progress, stop.Token));
        await ReopenAsync();

        ResealReport report = await _keeper.ResealAsync(progress: null, CancellationToken.None);
        Assert.Equal(new ResealReport(44, 0, IsComplete: true), report);
        Assert.Equal(KeyPhase.Retired, (await _keeper.ShowAsync()).Find(1)!.Phase);
    }

    [Fact]
    public async Task K6_A_row_that_cannot_be_opened_keeps_its_key_and_no_others()
    {
        await AppendAsync(1);
        await _keeper.RotateAsync(CancellationToken.None);
        await AppendAsync(1);
        await _keeper.RotateAsync(CancellationToken.None);
        IReadOnlyList<JournalRow> good = await _store.ReadAsync(_id, 0, CancellationToken.None);
        _store.Damage(_id, static row => row.SequenceNumber == 1 ? row with { Manifest = "other" } : row);

        Assert.Equal(new ResealReport(1, 1, IsComplete: false), await _keeper.ResealAsync(progress: null, CancellationToken.None));
        KeyRingState ring = await _keeper.ShowAsync();
        Assert.Equal((KeyPhase.Superseded, KeyPhase.Retired), (ring.Find(1)!.Phase, ring.Find(2)!.Phase));

        _store.Damage(_id, row => row.SequenceNumber == 1 ? good[0] : row);
        Assert.Equal(2, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task K6_A_key_is_not_retired_by_a_pass_that_another_one_overtook()
    {
        OvertakenStore store = new(_store);
        await _keeper.DisposeAsync();
        _keeper = await KeyKeeper.OpenAsync(SealedStores.Parts(store, _provider, time: _time));
        await AppendAsync(5);
        await _keeper.RotateAsync(CancellationToken.None);
        store.OvertakeNextResealWith(async () => await _keeper.RotateAsync(CancellationToken.None));

        ResealReport overtaken = await _keeper.ResealAsync(progress: null, CancellationToken.None);
        Assert.False(overtaken.IsComplete);
        Assert.Equal(KeyPhase.Superseded, (await _keeper.ShowAsync()).Find(1)!.Phase);
        Assert.Equal(5, (await ReadAsync()).Count);
        Assert.True((await _keeper.ResealAsync(progress: null, CancellationToken.None)).IsComplete);
        Assert.Equal(5, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task K6_A_row_that_was_put_back_behind_the_walk_keeps_its_key()
    {
        await AppendAsync(300);
        IReadOnlyList<JournalRow> good = await _store.ReadAsync(_id, 0, CancellationToken.None);
        await _keeper.RotateAsync(CancellationToken.None);
        _store.Damage(_id, static row => row.SequenceNumber == 1 ? null : row);
        SynchronousProgress progress = new(_ => _store.Restore(_id, [good[0]]));

        Assert.Equal(new ResealReport(299, 1, IsComplete: false), await _keeper.ResealAsync(progress, CancellationToken.None));

        Assert.Equal(300, (await ReadAsync()).Count);
        Assert.Equal(new ResealReport(1, 0, IsComplete: true), await _keeper.ResealAsync(progress: null, CancellationToken.None));
        Assert.Equal(300, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task A_source_of_randomness_that_gives_one_key_twice_is_refused_and_the_old_key_stays_in_use()
    {
        await _keeper.DisposeAsync();
        _store = new MemoryJournal();
        _keeper = await KeyKeeper.OpenAsync(SealedStores.Parts(_store, _provider, time: _time, entropy: static bytes => bytes.Fill(7)));
        KeyProviderException refused = await Assert.ThrowsAsync<KeyProviderException>(async () => await _keeper.RotateAsync(CancellationToken.None));
        Assert.Equal("key_repeated", refused.Code);
        await AppendAsync(1);
        Assert.Single(await ReadAsync());
    }

    [Fact]
    public async Task A_rewrap_moves_the_ring_to_another_key_encryption_key_and_rows_stay_as_they_are()
    {
        await AppendAsync(1);
        await _keeper.RotateAsync(CancellationToken.None);
        FakeKeyProvider next = new(seed: 2);
        await _keeper.RewrapAsync(next, CancellationToken.None);
        await _keeper.RewrapAsync(next, CancellationToken.None);
        await _keeper.RotateAsync(CancellationToken.None);

        await Assert.ThrowsAsync<KeyProviderException>(() => OpenAsync());
        await _keeper.DisposeAsync();
        _keeper = await OpenAsync(next);
        Assert.Single(await ReadAsync());
        await AppendAsync(1);
    }

    [Fact]
    public async Task A_process_whose_ring_another_one_rewrapped_goes_on_with_the_keys_it_has_and_says_to_be_started_again_when_it_needs_another()
    {
        await AppendAsync(1);
        FakeKeyProvider next = new(seed: 2);
        await using KeyKeeper other = await OpenAsync();
        await other.RewrapAsync(next, CancellationToken.None);
        await AppendAsync(1);
        Assert.Equal(2, (await ReadAsync()).Count);

        long ring = await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None);
        KeyProviderException refused = await Assert.ThrowsAsync<KeyProviderException>(async () => await _keeper.RotateAsync(CancellationToken.None));
        Assert.Equal(("key_mismatch", false), (refused.Code, refused.IsTransient));
        Assert.Contains("start this process again", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ring, await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None));

        // Once the other one has rotated too, nothing more can be sealed here, and what is not sealed is not written.
        await other.RotateAsync(CancellationToken.None);
        JournalException unwritten = Assert.IsType<AppendOutcome.NotWritten>(await _keeper.Journal.AppendAsync(Row(2))).Fault;
        Assert.Equal(("key_unavailable", false), (unwritten.Code, unwritten.IsTransient));
        Assert.Contains("start this process again", unwritten.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await ReadAsync()).Count);

        await _keeper.DisposeAsync();
        _keeper = await OpenAsync(next);
        await AppendAsync(1);
        Assert.Equal(3, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task K6_A_rewrap_that_waits_for_the_provider_is_not_upset_by_a_key_that_is_retired_meanwhile()
    {
        await _keeper.RotateAsync(CancellationToken.None);
        await using KeyKeeper other = await OpenAsync();
        await other.RotateAsync(CancellationToken.None);
        int fetches = _provider.Fetches;
        _provider.Slow = new Gate("the provider answers");
        FakeKeyProvider next = new(seed: 2);
        Task rewrap = _keeper.RewrapAsync(next, CancellationToken.None).AsTask();
        while (_provider.Fetches == fetches)
        {
            await Task.Yield();
        }

        await _keeper.ResealAsync(progress: null, CancellationToken.None);
        Assert.Equal(KeyPhase.Retired, (await _keeper.ShowAsync()).Find(1)!.Phase);
        _provider.Slow.Open();
        await rewrap;
        using KeyEncryptionKey to = await next.FetchAsync(CancellationToken.None);
        Assert.Equal(to.Id, (await _keeper.ShowAsync()).WrappedUnder);
    }

    [Fact]
    public async Task K1_Two_processes_over_one_store_that_rotate_at_once_both_go_on()
    {
        await using KeyKeeper other = await OpenAsync();
        int[] epochs = await Task.WhenAll(_keeper.RotateAsync(CancellationToken.None).AsTask(), other.RotateAsync(CancellationToken.None).AsTask());
        Assert.Equal([2, 3], epochs.Order());
        await AppendAsync(1);
        Assert.Equal(new AppendOutcome.Appended(2), await other.Journal.AppendAsync(Row(1)));
        Assert.Equal(2, (await ReadAsync()).Count);
    }

    [Fact]
    public async Task K4_A_ring_whose_history_was_damaged_opens_nothing()
    {
        _store.Damage(EntityAddress.KeyRing, static row => row.SequenceNumber == 1 ? row with { Message = "{}"u8.ToArray() } : row);
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => OpenAsync());
        Assert.Equal("key_ring_unreadable", refused.Code);
    }

    private Task<KeyKeeper> OpenAsync(IKeyProvider? provider = null, KeyKeeperSettings? settings = null) =>
        SealedStores.OpenAsync(_store, provider ?? _provider, settings, _time);

    /// <summary>Starts over with an empty store.</summary>
    private Task BeginAsync(KeyKeeperSettings settings)
    {
        _store = new MemoryJournal();
        return ReopenAsync(settings);
    }

    private async Task ReopenAsync(KeyKeeperSettings? settings = null)
    {
        await _keeper.DisposeAsync();
        _keeper = await OpenAsync(settings: settings);
    }

    private JournalAppend Row(long expected) => new(
        _id, expected, [new JournalEntry("tested.v1", new[] { (byte)expected })], OpenAfter: true, Guid.Empty, _time.GetUtcNow());

    private async Task AppendAsync(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Assert.Equal(new AppendOutcome.Appended(_version + 1), await _keeper.Journal.AppendAsync(Row(_version)));
            _version++;
        }
    }

    /// <summary>Lets time pass, period by period, until the background has brought the ring where it should be.</summary>
    private async Task TickUntilAsync(Func<KeyRingState, bool> reached)
    {
        for (int ticks = 0; !reached(await _keeper.ShowAsync()); ticks++)
        {
            Assert.True(ticks < 10_000, "The background did not get there.");
            _time.Advance(_small.BackgroundPeriod);
        }
    }

    private async ValueTask<IReadOnlyList<JournalRow>> ReadAsync() => await _keeper.Journal.ReadAsync(_id, 0, CancellationToken.None);

    private sealed class SynchronousProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
