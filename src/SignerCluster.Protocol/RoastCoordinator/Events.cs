using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>Everything the coordinator remembers of a session. Their stored names are in the codec, and for ever.</summary>
public abstract record RoastEvent
{
    private RoastEvent()
    {
    }

    /// <summary>The session id is bound to this payload, and to the group's shape at that time.</summary>
    public sealed record SigningRequested(SigningRequest Request, int Threshold, int Participants) : RoastEvent;

    /// <summary>An attempt collects commitments from now on, for this reason.</summary>
    public sealed record AttemptProposed(AttemptContext Attempt, AdvanceReason Reason) : RoastEvent;

    /// <summary>A seat is responsive: it committed to the attempt that collects.</summary>
    public sealed record CommitmentReceived(AttemptId Attempt, SeatId Seat, Batch<Commitment> Commitment) : RoastEvent;

    /// <summary>t seats were responsive: the attempt has its signers and its one package.</summary>
    public sealed record PackageIssued(AttemptContext Attempt, SeatCommitments Commitments) : RoastEvent;

    /// <summary>A share that was verified.</summary>
    public sealed record ShareAccepted(AttemptId Attempt, SeatId Seat, Batch<Share> Share) : RoastEvent;

    /// <summary>A seat is a culprit; the certificate proves it to anyone.</summary>
    public sealed record SeatConvicted(SeatId Seat, BlameCertificate Certificate) : RoastEvent;

    /// <summary>A seat cannot finish an attempt, as after a restart. No blame; the attempt is dead, the seat may join another.</summary>
    public sealed record SeatWithdrew(AttemptId Attempt, SeatId Seat, string Code) : RoastEvent;

    /// <summary>A seat will not sign this session at all. No blame.</summary>
    public sealed record SeatDeclined(SeatId Seat, string Code) : RoastEvent;

    /// <summary>The aggregated marker: the one signature of the session, verified before it was written.</summary>
    public sealed record SessionCompleted(AttemptId Attempt, Batch<XOnlyPublicKey> OutputKey, Batch<Bytes64> Signature) : RoastEvent;

    /// <summary>The session ended without a signature.</summary>
    public sealed record SessionFailed(Refusal Reason) : RoastEvent;
}

/// <summary>Why the coordinator opened a new attempt.</summary>
public enum AdvanceReason
{
    /// <summary>The session began.</summary>
    First,

    /// <summary>The attempt before got its signers; the next one collects at once, so that seats which answer are never idle.</summary>
    PackageIssued,

    /// <summary>A seat cannot commit to the attempt that collects, as after a restart.</summary>
    SeatWithdrew,
}
