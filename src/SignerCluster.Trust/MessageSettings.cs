namespace SignerCluster.Trust;

/// <summary>How long messages between parties are good for. The whole cluster must agree on <see cref="Lifetime"/>.</summary>
public sealed record MessageSettings
{
    /// <summary>How long after its signing a message may be acted on; at least a second.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How far the clocks of two parties may be apart; not negative.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Requests that one process may take within <see cref="Lifetime"/> plus <see cref="ClockSkew"/>, because it remembers each of them that long (about 100
    /// bytes each); at least 1. One more is refused as <c>overloaded</c>.
    /// </summary>
    public int ReplayCapacity { get; init; } = 262_144;

    /// <summary>
    /// How long what is to be signed gathers while many requests are under way, so that one signature serves more of it; nothing is held back while few are, or
    /// when this is zero. Not negative, and far shorter than anybody waits for an answer.
    /// </summary>
    public TimeSpan GatherTime { get; init; }

    internal long LifetimeMilliseconds => (long)Lifetime.TotalMilliseconds;

    internal long ClockSkewMilliseconds => (long)ClockSkew.TotalMilliseconds;

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromSeconds(1), nameof(Lifetime));
        ArgumentOutOfRangeException.ThrowIfLessThan(ClockSkew, TimeSpan.Zero, nameof(ClockSkew));
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplayCapacity, 1, nameof(ReplayCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(GatherTime, TimeSpan.Zero, nameof(GatherTime));
    }
}
