using System.Threading.Channels;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>Time that moves only when a test moves it, and that tells of every timer in the order in which they are armed.</summary>
public sealed class WatchedTime : TimeProvider
{
    private readonly ManualTime _inner = new();
    private readonly Channel<TimeSpan> _armed = Channel.CreateUnbounded<TimeSpan>();

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = _inner.CreateTimer(callback, state, dueTime, period);
        Assert.True(_armed.Writer.TryWrite(dueTime));
        return timer;
    }

    public void Advance(TimeSpan by) => _inner.Advance(by);

    /// <summary>How long the next timer that was armed is to wait.</summary>
    public Task<TimeSpan> NextTimerAsync() => _armed.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Lets the code under test run until no timer is armed. Gives up after many turns, never by the clock.</summary>
    public async Task UntilNoTimerAsync()
    {
        for (int turn = 0; _inner.ArmedTimers > 0; turn++)
        {
            Assert.True(turn < 5_000_000, $"{_inner.ArmedTimers} timers stay armed.");
            await Task.Yield();
        }
    }
}
