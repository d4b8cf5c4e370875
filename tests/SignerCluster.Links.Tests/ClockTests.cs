namespace SignerCluster.Links.Tests;

/// <summary>A node whose clock is off.</summary>
public sealed class ClockTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice", "bob");
    private readonly ShiftedClock _clock = new();

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_node_whose_clock_is_an_hour_off_is_refused_by_name_until_it_is_right_and_another_goes_on(int hours)
    {
        _clock.Shift = TimeSpan.FromHours(hours);
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        LinkDialer alice = _network.Dial("alice", time: _clock);
        await OffAsync(alice);
        await Condition.HoldsAsync("the coordinator says so", () => _network.Logs.Count("ClockOff. The last one") > 0);
        Assert.Equal(LinkException.NoLink, await _network.CodeOfAsync("alice", "x"));
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));

        _clock.Shift = TimeSpan.Zero;
        await _network.UpAsync("alice-1");
        Assert.Equal("alice-1:x", await _network.AskAsync("alice", "x"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_ends_when_the_clock_of_either_end_jumps_and_is_not_made_again_before_it_is_right(bool isDialers)
    {
        await _network.ListenAsync(time: isDialers ? null : _clock);
        LinkDialer alice = _network.Dial("alice", time: isDialers ? _clock : null);
        await _network.UpAsync("alice-1");
        _clock.Shift = TimeSpan.FromHours(-1);
        await OffAsync(alice);
        _clock.Shift = TimeSpan.Zero;
        await _network.UpAsync("alice-1");
        Assert.Equal("alice-1:x", await _network.AskAsync("alice", "x"));
    }

    [Fact]
    public void A_clock_that_is_set_after_it_was_compared_and_before_the_link_is_up_has_jumped_for_that_link()
    {
        LinkClock clock = new(_clock, new LinkLimits());
        string said = clock.Said;
        Assert.False(new LinkClock(TimeProvider.System, new LinkLimits()).IsApartFrom(said));
        _clock.Shift = TimeSpan.FromHours(-1);
        Assert.True(clock.HasJumped);
        Assert.Equal(said, clock.Said);
    }

    private async Task OffAsync(LinkDialer dialer)
    {
        await Condition.HoldsAsync("the dialer is refused", () => dialer.Links[0] is { IsUp: false, Fault: "clock_off" });
        Assert.Equal("clock_off, compare the clocks of both nodes, one of them is off", dialer.Links[0].FaultWithAdvice);
        Assert.NotEqual(0, _network.Logs.Count("is down: clock_off, compare the clocks"));
    }

    private sealed class ShiftedClock : TimeProvider
    {
        private long _shift;

        public TimeSpan Shift
        {
            get => new(Interlocked.Read(ref _shift));
            set => Interlocked.Exchange(ref _shift, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
