using SignerCluster.Frost.Round1;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round2;

/// <summary>BIP-445 <c>PartialSigVerify</c>.</summary>
public static class ShareVerification
{
    /// <summary>
    /// Is this the share that the seat owes for its commitment in this session? False for a seat outside the session, for a commitment that is not
    /// two points and for a share of the group order or above. The commitment must be the one that went into the session's aggregate nonce.
    /// Throws <see cref="InvalidOperationException"/> when the group does not know the seat's public share: then nobody can be blamed.
    /// </summary>
    public static bool Verify(SessionValues session, SeatId seat, Commitment commitment, Share share)
    {
        if (!session.Signers.Contains(seat))
        {
            return false;
        }

        Point publicShare = session.Group.PublicShare(seat)
            ?? throw new InvalidOperationException($"The public share of seat {seat} is unknown, so its shares cannot be verified.");
        Bytes32 share32 = share.Bytes;
        if (!Scalar.TryParse(share32.AsSpan(), out Scalar claimed) || !commitment.TryParse(out Point first, out Point second))
        {
            return false;
        }

        // An odd final nonce negates the commitment's part; negating the two scalars instead saves a point operation.
        Scalar weight = session.ShareWeight(seat);
        (claimed, weight) = session.NonceIsOdd ? (-claimed, -weight) : (claimed, weight);
        Point expected = Point.Sum([first, session.NonceCoefficient * second, weight * publicShare]);
        return Point.FromScalar(claimed) == expected;
    }
}
