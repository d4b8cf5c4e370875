namespace SignerCluster.Protocol.Durability;

/// <summary>What became of an append. Four answers, because the right thing to do differs for each.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>Durable. The entity's last sequence number is now <paramref name="Version"/>.</summary>
    public sealed record Appended(long Version) : AppendOutcome;

    /// <summary>
    /// Nothing was written: somebody else wrote first, and the entity stands at <paramref name="ActualVersion"/>. Reload and decide again. A first append also
    /// conflicts with rows of an entity that is not known, which reading it refuses.
    /// </summary>
    public sealed record Conflict(long ActualVersion) : AppendOutcome;

    /// <summary>
    /// Nothing was written: the messages are sealed under an epoch that is not the active one. Decided in the append's own transaction, so a rotation that
    /// committed before is never missed. Seal again and retry; an entity never sees this.
    /// </summary>
    public sealed record StaleKeyEpoch(int ActiveEpoch) : AppendOutcome;

    /// <summary>Definitely nothing was written. The entity stays as it was; the same command may be tried again.</summary>
    public sealed record NotWritten(JournalException Fault) : AppendOutcome;

    /// <summary>It may or may not have been written. Forget everything derived from it, reload: the journal says which it was.</summary>
    public sealed record Unknown(JournalException Fault) : AppendOutcome;
}
