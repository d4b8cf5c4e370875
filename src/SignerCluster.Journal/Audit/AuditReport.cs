using SignerCluster.Protocol.Durability;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Audit;

/// <summary>One thing that is wrong.</summary>
/// <param name="Entity">The persistence id as it is stored, or the file's name for a seat file; empty when it concerns the journal as a whole.</param>
/// <param name="Row">The sequence number; null when it concerns no single row.</param>
/// <param name="Reason">One of <see cref="QuarantineReason"/> or <see cref="AuditReason"/>.</param>
public sealed record AuditFinding(string Entity, long? Row, string Reason, string Message);

/// <summary>What an audit can find beyond <see cref="QuarantineReason"/>. The names are shown, so they are for ever.</summary>
public static class AuditReason
{
    /// <summary>The row stands under a persistence id that names no entity.</summary>
    public const string IdMalformed = "id_malformed";

    /// <summary>The entity's group has no file on the node.</summary>
    public const string GroupUnknown = "group_unknown";

    /// <summary>A stored signature does not verify under the session's tweaked key and message.</summary>
    public const string SignatureInvalid = "signature_invalid";

    /// <summary>A stored blame certificate does not prove what it says.</summary>
    public const string CertificateInvalid = "certificate_invalid";

    /// <summary>Stored evidence of equivocation is none.</summary>
    public const string EquivocationInvalid = "equivocation_invalid";

    /// <summary>A checkpoint of a guardian is not what the guardian's own history gives.</summary>
    public const string CheckpointInvalid = "checkpoint_invalid";

    /// <summary>One attempt has more than one share.</summary>
    public const string ShareRepeated = "share_repeated";

    /// <summary>A share belongs to an attempt that the seat did not join before.</summary>
    public const string AttemptNotJoined = "attempt_not_joined";

    /// <summary>A commitment was given to two attempts (N1).</summary>
    public const string CommitmentRepeated = "commitment_repeated";

    /// <summary>A record of a guardian's chain is not what the guardian would have decided (G9).</summary>
    public const string RecordInvalid = "record_invalid";

    /// <summary>A covenant job does not stand under its own address, or its digest is not that of its request (C2).</summary>
    public const string JobInvalid = "job_invalid";

    /// <summary>The store holds another active key epoch than the ring.</summary>
    public const string KeyEpochMismatch = "key_epoch_mismatch";

    /// <summary>A seat file cannot be opened, or does not belong to a group of the node.</summary>
    public const string SeatUnusable = "seat_unusable";

    /// <summary>The journal ends before the checkpoint.</summary>
    public const string RolledBack = "journal_rolled_back";

    /// <summary>The journal is not the one of the checkpoint, or what stood before it was changed.</summary>
    public const string Diverged = "journal_diverged";

    /// <summary>A guardian's chain has fewer records than it had (G9).</summary>
    public const string GuardianRolledBack = "guardian_rolled_back";

    /// <summary>The first records of a guardian's chain are not those that it had (G9).</summary>
    public const string GuardianDiverged = "guardian_diverged";

    /// <summary>A statement that is to be the later one is the earlier one.</summary>
    public const string NotLater = "statement_not_later";
}

/// <summary>What an audit read and found.</summary>
/// <param name="Signatures">Stored signatures that were verified.</param>
/// <param name="Certificates">Stored blame certificates that were verified.</param>
/// <param name="Shares">Shares that seats gave.</param>
/// <param name="Guardians">Every guardian whose history can be read, by group and seat, the coordinator's before those of seats.</param>
/// <param name="Checkpoint">Where the journal stood; it vouches for what was read only when there is no finding.</param>
public sealed record AuditReport(
    long Rows,
    long Entities,
    long Signatures,
    long Certificates,
    long Shares,
    int SeatFiles,
    IReadOnlyList<GuardianStanding> Guardians,
    IReadOnlyList<AuditFinding> Findings,
    JournalCheckpoint Checkpoint);

/// <summary>
/// A point in a journal's history, to hold a later state against (K7). Re-sealing and re-wrapping do not change it, because it is made of plain messages;
/// nothing of them can be had back from it.
/// </summary>
/// <param name="LastOrdering">The ordering of the last row; 0 for an empty journal.</param>
/// <param name="Digest">SHA-256 over id, number, manifest and SHA-256 of the plain message of every row up to there.</param>
public sealed record JournalCheckpoint(long LastOrdering, long Rows, Bytes32 Digest);

/// <summary>What an earlier audit saw, for a later one to hold the journal against.</summary>
/// <param name="Guardians">Where the guardians stood; none where nobody wrote it down.</param>
public sealed record EarlierAudit(JournalCheckpoint Checkpoint, IReadOnlyList<GuardianStanding> Guardians);
