using System.Text.Json.Serialization;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Seats;

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
    public sealed record Complete(AttemptContext Attempt, Batch<Bytes64> Signature) : SeatRequest
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
