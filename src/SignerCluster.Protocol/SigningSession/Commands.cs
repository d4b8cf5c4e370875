using System.Text.Json.Serialization;
using SignerCluster.Frost;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>One actor of the participant side: a seat's part in a session.</summary>
public readonly record struct SeatAddress(GroupId Group, SessionId Session, SeatId Seat);

/// <summary>What a coordinator may ask a seat. These are the wire messages and the commands alike.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Open), "open")]
[JsonDerivedType(typeof(Commit), "commit")]
[JsonDerivedType(typeof(SignShare), "sign_share")]
[JsonDerivedType(typeof(Complete), "complete")]
[JsonDerivedType(typeof(Abort), "abort")]
public abstract record SeatRequest
{
    private SeatRequest()
    {
    }

    /// <summary>The attempt that the request is about; null when it is about the session as a whole.</summary>
    public abstract AttemptId? About { get; }

    /// <summary>Opens the session: the seat checks policy and binds the id to this payload for ever.</summary>
    public sealed record Open(SigningRequest Request) : SeatRequest
    {
        public override AttemptId? About => null;
    }

    /// <summary>Asks for the commitment of an attempt.</summary>
    public sealed record Commit(AttemptContext Attempt) : SeatRequest
    {
        public override AttemptId? About => Attempt.Id;
    }

    /// <summary>Asks for the share over a package.</summary>
    public sealed record SignShare(SigningPackage Package) : SeatRequest
    {
        public override AttemptId? About => Package.Attempt.Id;
    }

    /// <summary>Tells the finished signature.</summary>
    public sealed record Complete(AttemptContext Attempt, Bytes64 Signature) : SeatRequest
    {
        public override AttemptId? About => Attempt.Id;
    }

    /// <summary>Ends the session without a signature, for good.</summary>
    public sealed record Abort(AbortReason Reason) : SeatRequest
    {
        public override AttemptId? About => null;
    }
}

/// <summary>Why a session ended without a signature.</summary>
public enum AbortReason
{
    Requested,
    Expired,
}

/// <summary>What a seat grants.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Acknowledged), "acknowledged")]
[JsonDerivedType(typeof(Joined), "joined")]
[JsonDerivedType(typeof(Signed), "signed")]
public abstract record SeatReply
{
    private SeatReply()
    {
    }

    public sealed record Acknowledged : SeatReply;

    /// <summary>The seat's commitment for an attempt; repeated identically until it is consumed (N9).</summary>
    public sealed record Joined(AttemptId Attempt, Commitment Commitment) : SeatReply;

    /// <summary>The seat's share; repeated identically for the same package, for ever (N6).</summary>
    public sealed record Signed(AttemptId Attempt, Share Share) : SeatReply;
}

/// <summary>The nonce that the vault holds for a session, by its public half; bound once it was computed with.</summary>
/// <param name="BoundTo">The one package the nonce was already used for, though that share never left; null for a fresh nonce.</param>
public sealed record HeldNonce(Commitment Commitment, PackageHash? BoundTo);

/// <summary>Commands of the signing session.</summary>
public abstract record SessionCommand
{
    private SessionCommand()
    {
    }

    /// <summary>A request from outside, with the facts of the moment.</summary>
    public sealed record Asked(SeatRequest Request, Standing Standing, HeldNonce? Held) : SessionCommand;

    /// <summary>The keeper of secrets drew a nonce for a <see cref="SigningSessionSecret.DrawNonce"/>.</summary>
    public sealed record RecordCommitment(AttemptContext Attempt, Commitment Commitment) : SessionCommand;

    /// <summary>The keeper of secrets computed the share for a <see cref="SigningSessionSecret.ComputeShare"/>.</summary>
    public sealed record RecordShare(AttemptContext Attempt, PackageHash Package, Share Share) : SessionCommand;
}

/// <summary>What a signing session needs from the keeper of secrets.</summary>
public abstract record SigningSessionSecret : SecretTask
{
    private SigningSessionSecret()
    {
    }

    /// <summary>A fresh nonce pair for an attempt.</summary>
    public sealed record DrawNonce(SeatAddress Seat, AttemptContext Attempt, ThresholdInfo Group, Bytes32 Message) : SigningSessionSecret;

    /// <summary>The share of a package that passed every check. Takes the nonce.</summary>
    public sealed record ComputeShare(SeatAddress Seat, AttemptContext Attempt, Commitment Commitment, PackageHash Package, SessionValues Values) : SigningSessionSecret;
}

/// <summary>What must happen after the append.</summary>
public abstract record SessionEffect
{
    private SessionEffect()
    {
    }

    /// <summary>Destroys whatever nonce the vault holds for the session (N10).</summary>
    public sealed record WipeNonce(SeatAddress Seat) : SessionEffect;
}
