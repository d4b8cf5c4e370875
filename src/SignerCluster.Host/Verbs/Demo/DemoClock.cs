namespace SignerCluster.Host.Verbs.Demo;

/// <summary>The system's clock, which can be set ahead, so that nobody has to wait for a refill. Timers run as usual.</summary>
internal sealed class DemoClock : TimeProvider
{
    private long _aheadTicks;

    internal void Pass(TimeSpan time) => Interlocked.Add(ref _aheadTicks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _aheadTicks));

    /// <summary>What the clock is set ahead by has passed for all parties of the demonstration.</summary>
    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)(new TimeSpan(Interlocked.Read(ref _aheadTicks)).TotalSeconds * TimestampFrequency);
}
