namespace SignerCluster.Protocol.Durability;

/// <summary>One event between an entity and its journal: the stored name of its type and its encoded bytes. Whoever makes it gives the bytes away.</summary>
public sealed class StoredEvent(string manifest, ReadOnlyMemory<byte> message)
{
    public string Manifest => manifest;

    public ReadOnlyMemory<byte> Message => message;

    /// <summary>Does the entity still owe anything after the write? The same for all events of one write.</summary>
    public bool LeavesOpen { get; init; }

    /// <summary>The key epoch that is active from the write on; 0 when it changes nothing.</summary>
    public int ActivatesKeyEpoch { get; init; }
}

/// <summary>
/// What an entity gets in place of its events when they cannot be had: an <see cref="UnreadableHistoryException"/>, or a <see cref="JournalException"/> for a
/// storage that does not answer. So the entity can say why, where a recovery that fails would only end it.
/// </summary>
public sealed class UnrecoveredHistory(Exception cause)
{
    public Exception Cause => cause;
}
