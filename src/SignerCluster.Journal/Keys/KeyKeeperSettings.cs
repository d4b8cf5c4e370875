namespace SignerCluster.Journal.Keys;

/// <summary>The limits of a journal's keys.</summary>
public sealed record KeyKeeperSettings
{
    /// <summary>
    /// How many messages one data key may seal; at least <see cref="MessagesPerReservation"/>. Nonces are random, and NIST SP 800-38D (8.3) allows 2^32 of them
    /// under one key. A key is rotated by itself once three quarters are reserved.
    /// </summary>
    public long MessagesPerKey { get; init; } = 1L << 32;

    /// <summary>How many messages are reserved in the ring at once; at least 1. A process that is killed loses what it had reserved and not used.</summary>
    public long MessagesPerReservation { get; init; } = 1L << 20;

    /// <summary>How often the background looks whether there is something to re-seal or a key to rotate; positive.</summary>
    public TimeSpan BackgroundPeriod { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Rows that the background re-seals each time at most; at least 1. With the default, 500 rows a second: a re-seal has no hurry, and signing has.
    /// </summary>
    public int RowsPerPeriod { get; init; } = 50;

    /// <summary>How long after a failure the background leaves the provider alone; not negative.</summary>
    public TimeSpan ProviderPause { get; init; } = TimeSpan.FromSeconds(30);

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MessagesPerReservation, 1, nameof(MessagesPerReservation));
        ArgumentOutOfRangeException.ThrowIfLessThan(MessagesPerKey, MessagesPerReservation, nameof(MessagesPerKey));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BackgroundPeriod, TimeSpan.Zero, nameof(BackgroundPeriod));
        ArgumentOutOfRangeException.ThrowIfLessThan(RowsPerPeriod, 1, nameof(RowsPerPeriod));
        ArgumentOutOfRangeException.ThrowIfLessThan(ProviderPause, TimeSpan.Zero, nameof(ProviderPause));
    }
}
