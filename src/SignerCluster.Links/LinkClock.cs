using System.Globalization;

namespace SignerCluster.Links;

/// <summary>
/// Whether both ends know the same time. What parties sign is good for seconds: between clocks that are apart every message would be refused, and nobody would
/// be told why. So a link is not made then, and ends when a clock jumps.
/// </summary>
internal sealed class LinkClock(TimeProvider time, LinkLimits limits)
{
    /// <summary>The header in which the participant's node says what time it is.</summary>
    internal const string Header = "link-time";

    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Was this node's clock set since this object was made?</summary>
    internal bool HasJumped => IsTooFar(time.GetUtcNow() - _startedAt - time.GetElapsedTime(_started), limits);

    /// <summary>Calls <paramref name="jumped"/> while this node's clock is another than when this object was made.</summary>
    internal ITimer Watch(Action jumped) => time.CreateTimer(
        _ =>
        {
            if (HasJumped)
                jumped();
        },
        null,
        _pace,
        _pace);

    internal static string Say(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Is what the other end says it is now too far from what it is here? Not for one that says nothing.</summary>
    internal static bool AreApart(string? said, TimeProvider time, LinkLimits limits) =>
        long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out long other)
        && IsTooFar(TimeSpan.FromMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds() - (double)other), limits);

    // A busy machine takes its time to say what time it is.
    private static bool IsTooFar(TimeSpan difference, LinkLimits limits) => difference.Duration() > limits.ClockSkew + limits.KeepaliveTimeout;
}
