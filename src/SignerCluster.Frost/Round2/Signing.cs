using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round2;

/// <summary>BIP-445 <c>Sign</c>.</summary>
public static class Signing
{
    /// <summary>
    /// Produces the seat's partial signature and spends the nonce. A refusal leaves the nonce unspent; once it is taken, nothing is refused any
    /// more and it is gone whatever happens. Throws <see cref="InvalidOperationException"/> when the nonce is spent already.
    /// Refusals: <c>signer_not_in_set</c>, <c>own_public_share_mismatch</c> when the group knows another public share for this seat.
    /// </summary>
    public static Outcome<Share> Sign(SecretNonce nonce, SecretShare share, SessionValues session)
    {
        if (CheckSigner(share, session.Group, session.Signers) is { } refusal)
        {
            return refusal;
        }

        using SecretNonce.Pair pair = nonce.Take();
        using SecretScalar weighted = share.Secret.Clone();
        SecretScalar sum = pair.Second;
        sum.Multiply(session.NonceCoefficient);
        sum.Add(pair.First);
        if (session.NonceIsOdd)
        {
            sum.Negate();
        }

        weighted.Multiply(session.ShareWeight(share.Seat));
        sum.Add(weighted);
        return new Share(sum.Disclose().ToBytes());
    }

    internal static FrostRefusal? CheckSigner(SecretShare share, ThresholdInfo group, SeatSet signers)
    {
        if (!signers.Contains(share.Seat))
        {
            return new FrostRefusal(FrostCode.SignerNotInSet, $"Seat {share.Seat} is not among the signers {signers}.");
        }

        return group.PublicShare(share.Seat) is { } known && known != share.PublicShare
            ? new FrostRefusal(FrostCode.OwnPublicShareMismatch, $"The group knows another public share for seat {share.Seat}.")
            : null;
    }
}
