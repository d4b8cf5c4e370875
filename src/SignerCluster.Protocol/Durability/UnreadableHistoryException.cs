using SignerCluster.Protocol.Entities;

namespace SignerCluster.Protocol.Durability;

/// <summary>
/// A history that was read from healthy storage and still cannot be trusted. Its entity is quarantined until the row is restored: it answers every
/// command with <c>entity_quarantined</c> and is never taken for new.
/// </summary>
public sealed class UnreadableHistoryException : Exception
{
    /// <summary>The code of the refusal that every command of the entity is answered with.</summary>
    public const string RefusalCode = "entity_quarantined";

    public UnreadableHistoryException()
    {
    }

    public UnreadableHistoryException(string message)
        : base(message)
    {
    }

    public UnreadableHistoryException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public UnreadableHistoryException(EntityId id, long sequenceNumber, string reason, string message, Exception? inner = null)
        : base($"{id}, row {sequenceNumber}: {message}", inner)
    {
        Id = id;
        SequenceNumber = sequenceNumber;
        Reason = reason;
    }

    /// <summary>A number of the history has no row.</summary>
    public static UnreadableHistoryException Missing(EntityId id, long sequenceNumber) =>
        new(id, sequenceNumber, QuarantineReason.RowMissing, "it is missing.");

    /// <summary>Whose history.</summary>
    public EntityId Id { get; }

    /// <summary>The first row that is wrong.</summary>
    public long SequenceNumber { get; }

    /// <summary>What is wrong with it, one of <see cref="QuarantineReason"/>.</summary>
    public string Reason { get; } = QuarantineReason.RowMissing;

    /// <summary>The answer to every command of the entity.</summary>
    public Refusal ToRefusal() => Refusal.Recoverable(
        RefusalCode,
        $"Row {SequenceNumber} of {Id} cannot be trusted ({Reason}), so nothing is answered from it. Restore the row from a backup.",
        ("entity", Id),
        ("row", SequenceNumber),
        ("reason", Reason));
}

/// <summary>Why a row puts its entity in quarantine. The names are stored and shown, so they are for ever.</summary>
public static class QuarantineReason
{
    /// <summary>A number of the history has no row.</summary>
    public const string RowMissing = "row_missing";

    /// <summary>A column of the row does not hold what it must.</summary>
    public const string RowMalformed = "row_malformed";

    /// <summary>The message is not sealed, or its header is of no known version.</summary>
    public const string EnvelopeMalformed = "envelope_malformed";

    /// <summary>The message is sealed under a key that the key ring does not have.</summary>
    public const string KeyUnknown = "key_unknown";

    /// <summary>The message was altered or truncated, or belongs to another row.</summary>
    public const string RowUnauthentic = "row_unauthentic";

    /// <summary>The event is of an unknown kind, or its bytes do not decode.</summary>
    public const string EventUnreadable = "event_unreadable";

    /// <summary>The event cannot follow the events before it.</summary>
    public const string HistoryImpossible = "history_impossible";
}
