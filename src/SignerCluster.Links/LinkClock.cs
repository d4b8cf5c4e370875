using System.Globalization;

namespace SignerCluster.Links;

/// <summary>
/// Whether both ends know the same time. What parties sign is good for seconds: between clocks that are apart every message would be refused, and nobody would
/// be told why. So a link is not made then, and ends when a clock jumps. One object serves one link, from before the two clocks are compared to the link's end,
/// so that no jump falls between.
/// </summary>
internal sealed class LinkClock(TimeProvider time, LinkLimits limits)
{
    /// <summary>The header in which the participant's node says what time it is.</summary>
    internal const string Header = "link-time";

    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _started = time.GetTimestamp();

    /// <summary>Was this node's clock set since this object was made?</summary>
    internal bool HasJumped => IsTooFar(time.GetUtcNow() - _startedAt - time.GetElapsedTime(_started));

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

    /// <summary>The time at which this object was made, as <see cref="Header"/> carries it.</summary>
    internal string Said => _startedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Is the time that the other end says too far from the one at which this object was made? Not for one that says nothing.</summary>
    internal bool IsApartFrom(string? said) =>
        long.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out long other)
        && IsTooFar(TimeSpan.FromMilliseconds(_startedAt.ToUnixTimeMilliseconds() - (double)other));

    // A busy machine takes its time to say what time it is.
    private bool IsTooFar(TimeSpan difference) => difference.Duration() > limits.ClockSkew + limits.KeepaliveTimeout;
}
