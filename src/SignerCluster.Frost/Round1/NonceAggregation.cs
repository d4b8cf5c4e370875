using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>BIP-445 <c>NonceAgg</c>.</summary>
public static class NonceAggregation
{
    /// <summary>
    /// Adds the commitments up; a half that cancels becomes 33 zero bytes. Refusal: <c>invalid_commitment</c> with the index of the first bad one.
    /// </summary>
    public static Outcome<AggregateNonce> Aggregate(ReadOnlySpan<Commitment> commitments)
    {
        Point[] first = new Point[commitments.Length];
        Point[] second = new Point[commitments.Length];
        for (int index = 0; index < commitments.Length; index++)
        {
            if (!commitments[index].TryParse(out first[index], out second[index]))
            {
                return new FrostRefusal(
                    FrostCode.InvalidCommitment, "A commitment is not two points in compressed form.", index, null, Contribution.Commitment);
            }
        }

        return AggregateNonce.From(Point.Sum(first), Point.Sum(second));
    }

    /// <summary>
    /// Adds up the commitments of the signers in ascending order of seat. Refusals: <c>commitment_count_mismatch</c>, and
    /// <c>invalid_commitment</c> with index and seat.
    /// </summary>
    public static Outcome<AggregateNonce> Aggregate(SeatSet signers, ReadOnlySpan<Commitment> commitments)
    {
        if (signers.Count != commitments.Length)
        {
            return new FrostRefusal(FrostCode.CommitmentCountMismatch, $"{signers.Count} signers sent {commitments.Length} commitments.");
        }

        Outcome<AggregateNonce> outcome = Aggregate(commitments);
        return outcome.TryGet(out AggregateNonce nonce, out FrostRefusal? refusal)
            ? nonce
            : refusal with { BlamedSeat = signers.At(refusal.BlamedIndex!.Value) };
    }
}
