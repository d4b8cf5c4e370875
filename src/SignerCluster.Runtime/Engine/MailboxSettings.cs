namespace SignerCluster.Runtime.Engine;

/// <summary>The limits of the in-process engine. Values out of range are refused by the constructor of <see cref="Mailboxes"/>.</summary>
public sealed record MailboxSettings
{
    /// <summary>Requests that may wait for one entity, not counting the one in progress; at least 1. One more is refused as <c>overloaded</c>.</summary>
    public int CapacityPerEntity { get; init; } = 256;

    /// <summary>
    /// How long an entity that still owes something stays in memory without a request; positive. It leaves between once and one and a half
    /// times this, because one timer looks at all entities.
    /// </summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stopping engine lets requests finish undisturbed before their <c>stopping</c> token fires; not negative.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CapacityPerEntity, 1, nameof(CapacityPerEntity));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleAfter, TimeSpan.Zero, nameof(IdleAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(StopGrace, TimeSpan.Zero, nameof(StopGrace));
    }
}
