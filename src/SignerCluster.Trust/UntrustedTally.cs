using Microsoft.Extensions.Logging;

namespace SignerCluster.Trust;

/// <summary>
/// Counts messages that are not trusted, by reason, and says so in the log: the first of a reason at once, then one line for all that came since, at most
/// every ten seconds. So whoever sends them can neither fill the log nor go unseen.
/// </summary>
public sealed partial class UntrustedTally
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);
    private readonly Count[] _counts = [.. Untrusted.Reasons.Select(static _ => new Count())];
    private readonly TimeProvider _time;
    private readonly ILogger<UntrustedTally> _log;

    public UntrustedTally(TimeProvider time, ILogger<UntrustedTally> log)
    {
        _time = time;
        _log = log;
    }

    /// <summary>How many there were since the start, for each reason that there was one of.</summary>
    public IReadOnlyDictionary<UntrustedReason, long> Counts =>
        Untrusted.Reasons.Where(reason => CountOf(reason) > 0).ToDictionary(static reason => reason, CountOf);

    internal void Note(in Untrusted message)
    {
        Count count = _counts[(int)message.Reason];
        long all = Interlocked.Increment(ref count.All);
        long now = _time.GetTimestamp();
        long spoken = Volatile.Read(ref count.SpokenAt);
        bool isDue = spoken == Count.Never || _time.GetElapsedTime(spoken, now) >= _silence;
        if (isDue && Interlocked.CompareExchange(ref count.SpokenAt, now, spoken) == spoken)
        {
            long told = Interlocked.Exchange(ref count.Told, all);
            LogUntrusted(all - told, message.Reason, message.Claimed?.ToString() ?? "nobody of the roster", Untrusted.Advice(message.Reason));
        }
    }

    private long CountOf(UntrustedReason reason) => Volatile.Read(ref _counts[(int)reason].All);

    private sealed class Count
    {
        internal const long Never = long.MinValue;
        internal long All;
        internal long Told;
        internal long SpokenAt = Never;
    }
}
