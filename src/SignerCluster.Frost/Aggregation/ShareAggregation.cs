using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Aggregation;

/// <summary>BIP-445 <c>PartialSigAgg</c>.</summary>
public static class ShareAggregation
{
    /// <summary>
    /// Adds one share a signer, in ascending order of seat, up to a 64-byte BIP-340 signature. It is valid when every share is, which this does
    /// not check: verify the shares, or the signature under the session's output key. Refusals: <c>share_count_mismatch</c>, and
    /// <c>share_out_of_range</c> with index and seat.
    /// </summary>
    public static Outcome<Bytes64> Aggregate(SessionValues session, IReadOnlyList<Share> shares)
    {
        if (shares.Count != session.Signers.Count)
        {
            return new FrostRefusal(FrostCode.ShareCountMismatch, $"{session.Signers.Count} signers sent {shares.Count} shares.");
        }

        Scalar sum = session.TweakTerm();
        for (int index = 0; index < shares.Count; index++)
        {
            Bytes32 share32 = shares[index].Bytes;
            if (!Scalar.TryParse(share32.AsSpan(), out Scalar share))
            {
                return new FrostRefusal(
                    FrostCode.ShareOutOfRange, "A share is below the group order.", index, session.Signers.At(index), Contribution.Share);
            }

            sum += share;
        }

        return Join(session.FinalNonce.XOnly.ToBytes(), sum.ToBytes());
    }

    private static Bytes64 Join(in Bytes32 nonce, in Bytes32 sum)
    {
        Bytes64 signature = default;
        nonce.AsSpan().CopyTo(signature);
        sum.AsSpan().CopyTo(signature[32..]);
        return signature;
    }
}
