using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.SigningSession;

/// <summary>Everything a seat's session remembers. Their stored names are in the codec, and for ever.</summary>
public abstract record SigningSessionEvent
{
    private SigningSessionEvent()
    {
    }

    /// <summary>The session id is bound to this payload.</summary>
    public sealed record SessionOpened(SigningRequest Request) : SigningSessionEvent;

    /// <summary>A nonce was drawn for the attempt; this is its public half.</summary>
    public sealed record AttemptJoined(AttemptContext Attempt, Batch<Commitment> Commitment) : SigningSessionEvent;

    /// <summary>The consumed marker: the attempt's nonce is spent on this package, and this is the share it gave.</summary>
    public sealed record ShareProduced(AttemptContext Attempt, PackageHash Package, Batch<Share> Share) : SigningSessionEvent;

    /// <summary>
    /// Evidence of equivocation (A7): after the seat had signed <paramref name="First"/> it was asked to sign another package of the same attempt, and refused.
    /// The attempt is the one of <paramref name="Second"/>. It is this seat's word until packages carry their coordinator's signature, and proof from then on.
    /// </summary>
    public sealed record EquivocationSeen(PackageHash First, SigningPackage Second) : SigningSessionEvent;

    /// <summary>The aggregated marker: the session has its signature.</summary>
    public sealed record AttemptAggregated(AttemptContext Attempt, Batch<Bytes64> Signature) : SigningSessionEvent;

    /// <summary>The session ended without a signature.</summary>
    public sealed record SessionAborted(AbortReason Reason) : SigningSessionEvent;
}
