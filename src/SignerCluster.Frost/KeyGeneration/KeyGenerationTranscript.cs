using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.KeyGeneration;

/// <summary>
/// What a dealer publishes: the commitments to the polynomial's coefficients (Feldman), the group key and the public share of every seat.
/// As received it is a claim; <see cref="Verify(SecretShare)"/> turns it into a <see cref="ThresholdInfo"/>.
/// </summary>
public sealed class KeyGenerationTranscript
{
    private KeyGenerationTranscript(
        int threshold, int participants, Point[] coefficientCommitments, in Point groupKey, Point[] publicShares)
    {
        Threshold = threshold;
        Participants = participants;
        CoefficientCommitments = coefficientCommitments;
        GroupKey = groupKey;
        PublicShares = publicShares;
    }

    public int Threshold { get; }

    public int Participants { get; }

    /// <summary>a_j·G for the coefficients in ascending order of degree; as many as the threshold.</summary>
    public IReadOnlyList<Point> CoefficientCommitments { get; }

    public Point GroupKey { get; }

    /// <summary>One point a seat.</summary>
    public IReadOnlyList<Point> PublicShares { get; }

    /// <summary>
    /// Takes a transcript as received. Refusals: <c>threshold_out_of_range</c>, <c>too_many_participants</c>,
    /// <c>coefficient_commitment_count_mismatch</c>, <c>public_share_count_mismatch</c>, and for infinity <c>invalid_coefficient_commitment</c>,
    /// <c>group_key_infinite</c> and <c>invalid_public_share</c>.
    /// </summary>
    public static Outcome<KeyGenerationTranscript> Create(
        int threshold, int participants, IReadOnlyList<Point> coefficientCommitments, Point groupKey, IReadOnlyList<Point> publicShares)
    {
        if (ThresholdInfo.CheckSize(threshold, participants) is { } badSize)
        {
            return badSize;
        }

        if (coefficientCommitments.Count != threshold)
        {
            return new FrostRefusal(
                FrostCode.CoefficientCommitmentCountMismatch, $"{threshold} coefficient commitments are needed, not {coefficientCommitments.Count}.");
        }

        if (publicShares.Count != participants)
        {
            return new FrostRefusal(FrostCode.PublicShareCountMismatch, $"{participants} public shares are needed, not {publicShares.Count}.");
        }

        return CheckFinite(coefficientCommitments, groupKey, publicShares) is { } infinite
            ? infinite
            : new KeyGenerationTranscript(threshold, participants, [.. coefficientCommitments], groupKey, [.. publicShares]);
    }

    /// <summary>
    /// Checks the group key and every public share against the commitments. Refusals: <c>public_shares_mismatch</c> when the group key is not the
    /// constant term's commitment, <c>dealt_public_share_mismatch</c> with the seat.
    /// </summary>
    public Outcome<ThresholdInfo> Verify()
    {
        if (CoefficientCommitments[0] != GroupKey)
        {
            return new FrostRefusal(FrostCode.PublicSharesMismatch, "The group key is not the commitment to the constant coefficient.");
        }

        for (int index = 0; index < Participants; index++)
        {
            if (Evaluate(index + 1) != PublicShares[index])
            {
                return new FrostRefusal(
                    FrostCode.DealtPublicShareMismatch, "A public share is not what the commitments evaluate to.", index, new SeatId(index));
            }
        }

        return new ThresholdInfo(Threshold, Participants, GroupKey, [.. PublicShares.Select(static share => (Point?)share)]);
    }

    /// <summary>
    /// What a receiver runs before it keeps its share: everything in <see cref="Verify()"/>, and that the share belongs to its seat.
    /// Refusals: those, <c>seat_out_of_range</c>, <c>dealt_share_mismatch</c> with the seat.
    /// </summary>
    public Outcome<ThresholdInfo> Verify(SecretShare share)
    {
        if (share.Seat.Value >= Participants)
        {
            return new FrostRefusal(FrostCode.SeatOutOfRange, $"Seat {share.Seat} is not in 0..{Participants - 1}.", null, share.Seat);
        }

        Outcome<ThresholdInfo> verified = Verify();
        return !verified.IsAccepted || share.PublicShare == PublicShares[share.Seat.Value]
            ? verified
            : new FrostRefusal(FrostCode.DealtShareMismatch, "The secret share does not belong to its seat's public share.", null, share.Seat);
    }

    private static FrostRefusal? CheckFinite(IReadOnlyList<Point> commitments, in Point groupKey, IReadOnlyList<Point> publicShares)
    {
        if (groupKey.IsInfinity)
        {
            return new FrostRefusal(FrostCode.GroupKeyInfinite, "The group key is the point at infinity.");
        }

        for (int index = 0; index < commitments.Count; index++)
        {
            if (commitments[index].IsInfinity)
            {
                return new FrostRefusal(FrostCode.InvalidCoefficientCommitment, "A coefficient commitment is the point at infinity.", index);
            }
        }

        for (int index = 0; index < publicShares.Count; index++)
        {
            if (publicShares[index].IsInfinity)
            {
                return new FrostRefusal(FrostCode.InvalidPublicShare, "A public share is the point at infinity.", index, new SeatId(index));
            }
        }

        return null;
    }

    /// <summary>Horner's rule in the exponent. The argument is at most 128, and multiplying by it costs a fifth of a full multiplication.</summary>
    private Point Evaluate(int argument)
    {
        Scalar x = Scalar.FromUInt64((ulong)argument);
        Point sum = CoefficientCommitments[^1];
        for (int degree = Threshold - 2; degree >= 0; degree--)
        {
            sum = (x * sum) + CoefficientCommitments[degree];
        }

        return sum;
    }
}
