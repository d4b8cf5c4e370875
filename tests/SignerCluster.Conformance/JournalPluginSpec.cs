using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Persistence;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>What the journal plugin is to actors, over every store. An adapter's test is a subclass that opens one.</summary>
public abstract class JournalPluginSpec : IAsyncLifetime
{
    private const int Many = 300;
    private static readonly EntityId _id = EntityId.Parse("session/one");
    private IJournalStore _store = null!;
    private FaultyJournal _faulty = null!;
    private PluginHost _host = null!;

    /// <summary>Opens an empty store.</summary>
    protected abstract ValueTask<IJournalStore> OpenAsync();

    public async Task InitializeAsync()
    {
        _store = await OpenAsync();
        _faulty = new FaultyJournal(_store);
        _host = await PluginHost.StartAsync(_faulty);
    }

    public virtual async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        if (_store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    [Fact]
    public async Task S4_One_refused_row_among_300_hurts_nobody_else()
    {
        IActorRef[] entities = await ActivateManyAsync();
        EntityId overtaken = IdOf(137);
        Assert.IsType<AppendOutcome.Appended>(await _store.AppendAsync(ForeignRow(overtaken)));

        AppendOutcome[] outcomes = await Task.WhenAll(entities.Select(static entity => PluginHost.StoreAsync(entity, [1], [2])));
        for (int number = 0; number < Many; number++)
        {
            Assert.Equal(number == 137 ? new AppendOutcome.Conflict(1) : new AppendOutcome.Appended(2), outcomes[number]);
        }
    }

    [Fact]
    public async Task S4_300_refusals_of_300_open_no_breaker()
    {
        for (int round = 0; round < 2; round++)
        {
            IActorRef[] entities = await ActivateManyAsync();
            for (int number = 0; number < Many; number++)
            {
                await _store.AppendAsync(ForeignRow(IdOf(number)) with { ExpectedVersion = 2 * round });
            }

            AppendOutcome[] outcomes = await Task.WhenAll(entities.Select(static entity => PluginHost.StoreAsync(entity, [1])));
            Assert.All(outcomes, outcome => Assert.Equal(new AppendOutcome.Conflict((2 * round) + 1), outcome));
            outcomes = await Task.WhenAll((await ActivateManyAsync()).Select(static entity => PluginHost.StoreAsync(entity, [2])));
            Assert.All(outcomes, outcome => Assert.Equal(new AppendOutcome.Appended((2 * round) + 2), outcome));
        }
    }

    [Theory]
    [InlineData(PluginHost.Here)]
    [InlineData(PluginHost.Elsewhere)]
    public async Task D8_Of_two_writers_of_one_entity_one_wins_and_the_other_learns_that_it_lost(string second)
    {
        IActorRef first = _host.Activate(_id);
        IActorRef rival = _host.Activate(_id, second);
        await PluginHost.ShowAsync(first);
        await PluginHost.ShowAsync(rival);
        AppendOutcome[] outcomes = await Task.WhenAll(PluginHost.StoreAsync(first, [1], [2]), PluginHost.StoreAsync(rival, [3], [4]));
        Assert.Single(outcomes, new AppendOutcome.Appended(2));
        Assert.Single(outcomes, new AppendOutcome.Conflict(2));
        Assert.Equal(2, (await PluginHost.ShowAsync(_host.Activate(_id))).Version);
    }

    [Fact]
    public async Task S3_An_entity_that_moves_away_and_back_recovers_every_event()
    {
        byte number = 0;
        foreach (string node in (string[])[PluginHost.Here, PluginHost.Elsewhere, PluginHost.Here, PluginHost.Here, PluginHost.Elsewhere])
        {
            IActorRef activation = _host.Activate(_id, node);
            StoringEntity.Shown shown = await PluginHost.ShowAsync(activation);
            Assert.Equal(Enumerable.Range(0, number), shown.Messages.Select(static bytes => (int)bytes[0]));
            Assert.Equal(new AppendOutcome.Appended(number + 2), await PluginHost.StoreAsync(activation, [number++], [number++]));
            await PluginHost.EndAsync(activation);
        }

        Assert.Equal(Enumerable.Range(0, 10), (await PluginHost.ShowAsync(_host.Activate(_id))).Messages.Select(static bytes => (int)bytes[0]));
    }

    [Theory]
    [InlineData(nameof(Fate.UnknownAndWritten), 2)]
    [InlineData(nameof(Fate.UnknownAndNotWritten), 1)]
    [InlineData(nameof(Fate.NotWritten), 1)]
    public async Task S3_Whatever_the_writer_was_told_the_next_activation_finds_what_is_true(string fate, int version)
    {
        IActorRef activation = _host.Activate(_id);
        await PluginHost.StoreAsync(activation, [1]);
        _faulty.Next(Enum.Parse<Fate>(fate));
        AppendOutcome outcome = await PluginHost.StoreAsync(activation, [2]);
        Assert.Equal(
            fate == nameof(Fate.NotWritten) ? "disk_full" : "connection_lost",
            outcome is AppendOutcome.NotWritten not ? not.Fault.Code : Assert.IsType<AppendOutcome.Unknown>(outcome).Fault.Code);

        IActorRef next = _host.Activate(_id);
        Assert.Equal(version, (await PluginHost.ShowAsync(next)).Version);
        Assert.Equal(new AppendOutcome.Appended(version + 1), await PluginHost.StoreAsync(next, [3]));
    }

    [Fact]
    public async Task A_recovery_asks_the_store_once_and_the_head_replays_nothing()
    {
        await PluginHost.StoreAsync(_host.Activate(_id), [1], [2], [3]);
        int reads = _faulty.Reads;
        IActorRef activation = _host.Activate(_id);
        Assert.Equal(3, (await PluginHost.ShowAsync(activation)).Messages.Count);
        Assert.Equal((reads + 1, 0), (_faulty.Reads, _faulty.HeadReads));

        Assert.Equal(3, (await activation.Ask<RecoverySuccess>(new StoringEntity.AskHead(), PluginHost.Patience)).HighestSequenceNr);
        await _store.AppendAsync(ForeignRow(_id) with { ExpectedVersion = 3 });
        Assert.Equal(4, (await activation.Ask<RecoverySuccess>(new StoringEntity.AskHead(), PluginHost.Patience)).HighestSequenceNr);
        Assert.Equal((reads + 1, 2), (_faulty.Reads, _faulty.HeadReads));
        Assert.Equal(
            0,
            (await _host.Activate(EntityId.Parse("session/never")).Ask<RecoverySuccess>(new StoringEntity.AskHead(), PluginHost.Patience)).HighestSequenceNr);
    }

    [Fact]
    public async Task S4_An_entity_wrongly_taken_for_new_is_refused_once_and_read_the_time_after()
    {
        await PluginHost.StoreAsync(_host.Activate(_id), [1]);
        _host.Expect(_id, @new: true);
        IActorRef mistaken = _host.Activate(_id);
        Assert.Equal(0, (await PluginHost.ShowAsync(mistaken)).Version);
        Assert.Equal(new AppendOutcome.Conflict(1), await PluginHost.StoreAsync(mistaken, [2]));

        // The asker sends the same message again, and it looks as if it began the history.
        _host.Expect(_id, @new: true);
        IActorRef read = _host.Activate(_id);
        Assert.Equal(1, (await PluginHost.ShowAsync(read)).Version);
        Assert.Equal(new AppendOutcome.Appended(2), await PluginHost.StoreAsync(read, [2]));
    }

    [Fact]
    public async Task S4_An_entity_whose_head_shows_that_it_is_not_new_is_read_the_time_after()
    {
        await PluginHost.StoreAsync(_host.Activate(_id), [1]);
        _host.Expect(_id, @new: true);
        Assert.Equal(1, (await _host.Activate(_id).Ask<RecoverySuccess>(new StoringEntity.AskHead(), PluginHost.Patience)).HighestSequenceNr);
        _host.Expect(_id, @new: true);
        Assert.Equal(1, (await PluginHost.ShowAsync(_host.Activate(_id))).Version);
    }

    [Fact]
    public async Task An_entity_is_read_if_another_message_came_after_the_one_that_begins_histories()
    {
        await PluginHost.StoreAsync(_host.Activate(_id), [1]);
        _host.Expect(_id, @new: true);
        _host.Expect(_id, @new: false);
        Assert.Equal(1, (await PluginHost.ShowAsync(_host.Activate(_id))).Version);
    }

    [Fact]
    public async Task A_storage_that_cannot_be_read_is_told_to_the_entity_in_place_of_its_events()
    {
        await PluginHost.StoreAsync(_host.Activate(_id), [1], [2], [3]);
        _faulty.IsUnreadable = true;
        StoringEntity.Shown shown = await PluginHost.ShowAsync(_host.Activate(_id));
        Assert.Equal("storage_io_error", Assert.IsType<JournalException>(shown.Unrecovered).Code);
        Assert.Empty(shown.Messages);
        _faulty.IsUnreadable = false;
        Assert.Equal(3, (await PluginHost.ShowAsync(_host.Activate(_id))).Messages.Count);
    }

    [Fact]
    public async Task K3_Before_the_keys_are_open_an_entity_is_neither_read_nor_written_and_the_key_ring_is_both()
    {
        PartyJournal party = _host.Close(PluginHost.Here, _store);
        await _host.RestartAsync();
        StoringEntity.Shown shown = await PluginHost.ShowAsync(_host.Activate(_id));
        Assert.Equal("keys_not_open", Assert.IsType<JournalException>(shown.Unrecovered).Code);
        AppendOutcome.NotWritten refused = Assert.IsType<AppendOutcome.NotWritten>(await PluginHost.StoreAsync(_host.Activate(_id), [1]));
        Assert.Equal(("keys_not_open", true), (refused.Fault.Code, refused.Fault.IsTransient));
        Assert.Equal(new AppendOutcome.Appended(1), await PluginHost.StoreAsync(_host.Activate(EntityAddress.KeyRing), [1]));

        party.Open(_store);
        Assert.Equal(new AppendOutcome.Appended(1), await PluginHost.StoreAsync(_host.Activate(_id), [1]));
    }

    [Fact]
    public async Task K1_Rotations_between_any_two_writes_are_invisible_to_entities_and_every_row_is_sealed_with_the_key_of_its_moment()
    {
        FakeKeyProvider provider = new();
        await using KeyKeeper keeper = await SealedStores.OpenAsync(_store, provider);
        // Rotates in another process over the same store, so that this one seals with a stale key first.
        await using KeyKeeper other = await SealedStores.OpenAsync(_store, provider);
        _host.Open(PluginHost.Here, keeper.Journal);
        await _host.RestartAsync();
        IActorRef activation = _host.Activate(_id);
        for (int round = 0; round < 6; round++)
        {
            int epoch = await (round % 2 == 0 ? other : keeper).RotateAsync(CancellationToken.None);
            Assert.Equal(new AppendOutcome.Appended((2 * round) + 2), await PluginHost.StoreAsync(activation, [1], [2]));
            Assert.All(
                (await _store.ReadAsync(_id, 2 * round, CancellationToken.None)).Select(static row => row.KeyEpoch), found => Assert.Equal(epoch, found));
        }

        Assert.Equal(12, (await PluginHost.ShowAsync(_host.Activate(_id))).Messages.Count);
        await keeper.ResealAsync(null, CancellationToken.None);
        Assert.Equal(12, (await PluginHost.ShowAsync(_host.Activate(_id))).Messages.Count);
        Assert.Single((await _store.ReadAsync(_id, 0, CancellationToken.None)).Select(static row => row.KeyEpoch).Distinct());
    }

    [Fact]
    public async Task K6_A_rotation_under_load_fails_no_write()
    {
        await using KeyKeeper keeper = await SealedStores.OpenAsync(_store);
        _host.Open(PluginHost.Here, keeper.Journal);
        await _host.RestartAsync();
        IActorRef[] entities = await ActivateManyAsync();
        Task<AppendOutcome[]> writes = Task.WhenAll(entities.Select(static entity => PluginHost.StoreAsync(entity, [1])));
        for (int rotation = 0; rotation < 5; rotation++)
        {
            await keeper.RotateAsync(CancellationToken.None);
        }

        Assert.All(await writes, static outcome => Assert.Equal(new AppendOutcome.Appended(1), outcome));
    }

    [Fact]
    public async Task Nothing_is_ever_deleted()
    {
        IActorRef activation = _host.Activate(_id);
        await PluginHost.StoreAsync(activation, [1]);
        await activation.Ask<DeleteMessagesFailure>(new StoringEntity.Delete(), PluginHost.Patience);
        Assert.Single((await PluginHost.ShowAsync(_host.Activate(_id))).Messages);
    }

    private static EntityId IdOf(int number) => EntityId.Parse($"session/{number}");

    private static JournalAppend ForeignRow(EntityId id) =>
        new(id, 0, [new JournalEntry("tested", new byte[] { 9 })], OpenAfter: true, Guid.Empty, DateTimeOffset.UnixEpoch);

    private async Task<IActorRef[]> ActivateManyAsync()
    {
        IActorRef[] entities = [.. Enumerable.Range(0, Many).Select(static number => IdOf(number)).Select(id => _host.Activate(id))];
        await Task.WhenAll(entities.Select(static entity => PluginHost.ShowAsync(entity)));
        return entities;
    }
}
