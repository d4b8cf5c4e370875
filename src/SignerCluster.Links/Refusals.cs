using Microsoft.Extensions.Logging;

namespace SignerCluster.Links;

/// <summary>
/// Says in the log who was not let in, and why: the first of a reason at once, then one line for all that came since, at most every ten seconds. Whoever
/// knocks can neither fill the log nor go unseen.
/// </summary>
internal sealed partial class Refusals(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);
    private readonly Count[] _counts = [.. Enum.GetValues<RefusalReason>().Select(static _ => new Count())];

    internal void Note(RefusalReason reason, string address, string? pin)
    {
        Count count = _counts[(int)reason];
        long all = Interlocked.Increment(ref count.All);
        long now = time.GetTimestamp();
        long spoken = Volatile.Read(ref count.SpokenAt);
        bool isDue = spoken == Count.Never || time.GetElapsedTime(spoken, now) >= _silence;
        if (isDue && Interlocked.CompareExchange(ref count.SpokenAt, now, spoken) == spoken)
            LogRefused(all - Interlocked.Exchange(ref count.Told, all), reason, address, pin ?? "none", Advice(reason));
    }

    private static string Advice(RefusalReason reason) => reason switch
    {
        RefusalReason.Missing => "it is no node of a cluster; see who dials there",
        RefusalReason.Unpinned => "compare the roster with that of the other operators, or see who dials there",
        RefusalReason.Expired => "its operator must renew the certificate, unless one of the two clocks is off",
        RefusalReason.Premature => "compare the clocks of both nodes, one of them is off, or wait",
        RefusalReason.TooMany => "its operator must see why its nodes connect so often",
        RefusalReason.ClockOff => "compare the clocks of both nodes, one of them is off",
        _ => throw new System.Diagnostics.UnreachableException(reason.ToString()),
    };

    [LoggerMessage(
        1601,
        LogLevel.Warning,
        "{Count} connections were refused in their handshake: {Reason}. The last one was with {Address}, and its certificate's pin is {Pin}. What to do: "
            + "{Advice}.")]
    private partial void LogRefused(long count, RefusalReason reason, string address, string pin, string advice);

    private sealed class Count
    {
        internal const long Never = long.MinValue;
        internal long All;
        internal long Told;
        internal long SpokenAt = Never;
    }
}

/// <summary>Why a certificate is not believed.</summary>
internal enum RefusalReason
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Its key is pinned for nobody.</summary>
    Unpinned,

    /// <summary>It is not valid any more.</summary>
    Expired,

    /// <summary>It is not valid yet.</summary>
    Premature,

    /// <summary>Its party has as many connections as one may have.</summary>
    TooMany,

    /// <summary>The clocks of both ends are too far apart. The certificate is good.</summary>
    ClockOff,
}
