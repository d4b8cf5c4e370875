namespace SignerCluster.Protocol.Durability;

/// <summary>The storage under a journal failed.</summary>
public sealed class JournalException : Exception
{
    /// <summary>Somebody else writes the entity; the newest activation may be asked at once.</summary>
    public const string ContendedCode = "journal_contended";

    /// <summary>The activation ended before it answered; the next one may be asked at once.</summary>
    public const string EntityFailedCode = "entity_failed";

    /// <summary>There is no journal where one must be: it was lost, and nothing may be made in its place.</summary>
    public const string MissingCode = "journal_missing";

    public JournalException()
    {
    }

    public JournalException(string message)
        : base(message)
    {
    }

    public JournalException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public JournalException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>Stable snake_case name of the fault, for example <c>disk_full</c>, <c>storage_read_only</c>, <c>storage_unavailable</c>.</summary>
    public string Code { get; } = "storage_unavailable";

    /// <summary>May the same call succeed later without an operator's help?</summary>
    public bool IsTransient { get; } = true;
}
