using System.Text.Json.Serialization;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;

namespace SignerCluster.Protocol.Seats;

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
    public sealed record Joined(AttemptId Attempt, Batch<Commitment> Commitment) : SeatReply;

    /// <summary>The seat's share; repeated identically for the same package, for ever (N6).</summary>
    public sealed record Signed(AttemptId Attempt, Batch<Share> Share) : SeatReply;
}
