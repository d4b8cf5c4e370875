using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>Sessions whose node went away are found by standing still, and by nothing else.</summary>
public sealed class SweepTests
{
    private static readonly EntityId _one = EntityId.Parse("roast/g/one");
    private static readonly EntityId _two = EntityId.Parse("roast/g/two");
    private readonly MemoryJournal _journal = new();
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<EntityId> _woken = new();
    private readonly Sweep _sweep;

    public SweepTests() =>
        _sweep = new Sweep(_journal, "roast", WakeAsync, new SweepSettings { StillFor = TimeSpan.FromMilliseconds(250) }, _time, NullLogger<Sweep>.Instance);

    [Fact]
    public async Task An_open_entity_that_does_not_move_between_two_looks_is_woken()
    {
        await AppendAsync(_one, 0);
        await LookAsync();
        Assert.Empty(_woken);
        await LookAsync();
        Assert.Equal([_one], _woken);
    }

    [Fact]
    public async Task One_that_moves_or_ends_is_left_alone()
    {
        await AppendAsync(_one, 0);
        await AppendAsync(_two, 0);
        await LookAsync();
        await AppendAsync(_one, 1);
        await AppendAsync(_two, 1, isOpen: false);
        await LookAsync();
        Assert.Empty(_woken);
    }

    [Fact]
    public async Task One_that_goes_on_standing_still_is_woken_less_and_less_often_but_never_given_up()
    {
        await AppendAsync(_one, 0);
        List<int> looks = [];
        for (int look = 0; look < 600; look++)
        {
            int before = _woken.Count;
            await LookAsync();
            if (_woken.Count > before)
            {
                looks.Add(look);
            }
        }

        Assert.Equal([1, 3, 7, 15, 31, 63, 127, 247, 367, 487], looks);
    }

    [Fact]
    public async Task When_a_node_goes_away_all_that_stand_still_are_asked_at_once_however_long_they_were_to_be_left_alone()
    {
        await AppendAsync(_one, 0);
        for (int look = 0; look < 100; look++)
        {
            await LookAsync();
        }

        _woken.Clear();
        await LookAsync();
        Assert.Empty(_woken);
        _sweep.Hurry();
        await LookAsync();
        Assert.Equal([_one], _woken);
    }

    [Fact]
    public async Task When_a_node_goes_away_those_that_moved_last_are_asked_at_the_look_after()
    {
        await AppendAsync(_one, 0);
        await LookAsync();
        await AppendAsync(_one, 1);
        await AppendAsync(_two, 0);
        _sweep.Hurry();
        await LookAsync();
        Assert.Empty(_woken);
        await LookAsync();
        Assert.Equal([_one, _two], _woken.OrderBy(static id => id.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_that_is_asked_in_a_hurry_is_asked_again_soon_and_then_less_and_less_often()
    {
        await AppendAsync(_one, 0);
        await LookAsync();
        _sweep.Hurry();
        List<int> looks = [];
        for (int look = 0; look < 20; look++)
        {
            int before = _woken.Count;
            await LookAsync();
            if (_woken.Count > before)
            {
                looks.Add(look);
            }
        }

        Assert.Equal([0, 1, 3, 7, 15], looks);
    }

    [Fact]
    public async Task Who_begins_to_look_asks_what_stands_still_at_its_second_look()
    {
        await AppendAsync(_one, 0);
        using CancellationTokenSource stopping = new();
        Gate asked = new("it is asked");
        SweepSettings settings = new() { StillFor = TimeSpan.FromHours(1) };
        Sweep sweep = new(_journal, "roast", AskAsync, settings, _time, NullLogger<Sweep>.Instance);
        Task running = sweep.RunAsync(stopping.Token);
        while (_time.ArmedTimers == 0)
        {
            await Task.Yield();
        }

        Assert.False(asked.IsOpen);
        _time.Advance(settings.Period);
        await asked.WaitAsync();
        await stopping.CancelAsync();
        await running.WaitAsync(CancellationToken.None);

        ValueTask AskAsync(EntityId id, CancellationToken cancellation)
        {
            asked.Open();
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task One_that_does_not_answer_keeps_no_other_from_being_woken()
    {
        await AppendAsync(_one, 0);
        await AppendAsync(_two, 0);
        Sweep sweep = new(
            _journal,
            "roast",
            WakeAllButOneAsync,
            new SweepSettings { WakesAtOnce = 1, StillFor = TimeSpan.FromMilliseconds(250) },
            _time,
            NullLogger<Sweep>.Instance);
        await sweep.LookAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, await sweep.LookAsync(CancellationToken.None));
        Assert.Equal([_two], _woken);

        ValueTask WakeAllButOneAsync(EntityId id, CancellationToken cancellation) =>
            id == _one ? throw new EngineException("unroutable", "Its node is gone.", isTransient: true) : WakeAsync(id, cancellation);
    }

    private ValueTask WakeAsync(EntityId id, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _woken.Enqueue(id);
        return ValueTask.CompletedTask;
    }

    private async Task LookAsync()
    {
        await _sweep.LookAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(250));
    }

    private async Task AppendAsync(EntityId id, long version, bool isOpen = true) => Assert.IsType<AppendOutcome.Appended>(
        await _journal.AppendAsync(new JournalAppend(id, version, [new JournalEntry("tested", new byte[] { 1 })], isOpen, Guid.Empty, default)));
}
