namespace SignerCluster.Journal.Sqlite;

/// <summary>The limits of one SQLite journal. Values out of range are refused when it is opened.</summary>
public sealed record SqliteJournalSettings
{
    /// <summary>Appends that share one transaction at most, and so one fsync; at least 1.</summary>
    public int AppendsPerTransaction { get; init; } = 256;

    /// <summary>Appends that may wait for the writer; at least 1. Further callers wait their turn without a place in the queue.</summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>How long to wait for a lock that a foreign process (an operator's sqlite3 shell, a backup) holds; not negative.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Read connections kept open between reads; not negative. More are opened while more reads run at once.</summary>
    public int ReadConnectionsKept { get; init; } = 4;

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendsPerTransaction, 1, nameof(AppendsPerTransaction));
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1, nameof(QueueCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(BusyTimeout, TimeSpan.Zero, nameof(BusyTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(ReadConnectionsKept, nameof(ReadConnectionsKept));
    }
}
