using SignerCluster.Secp256k1;

namespace SignerCluster.Frost;

/// <summary>
/// A group and the signers of one session, checked from untrusted lists (BIP-445 <c>ValidateSessionParams</c>). The cluster itself works with
/// <see cref="ThresholdInfo"/> and <see cref="SeatSet"/>, where most of these faults cannot be written down.
/// </summary>
public sealed record SignerSelection(ThresholdInfo Group, SeatSet Signers)
{
    /// <summary>
    /// Checks in the BIP's order: threshold, group size, signer count, list lengths, then at each index the identifier and the public share,
    /// then duplicates, then that the public shares interpolate to the group key. <paramref name="publicShares"/> runs parallel to
    /// <paramref name="ids"/>, which may be in any order, or is null for a session without public shares.
    /// </summary>
    public static Outcome<SignerSelection> Create(
        int threshold, int participants, Bytes33 groupKey, IReadOnlyList<long> ids, IReadOnlyList<Bytes33>? publicShares)
    {
        if (ThresholdInfo.CheckSize(threshold, participants) is { } badSize)
        {
            return badSize;
        }

        if (CheckCounts(threshold, participants, ids.Count, publicShares?.Count) is { } badCount)
        {
            return badCount;
        }

        if (!Point.TryParse(groupKey.AsSpan(), out Point key))
        {
            return new FrostRefusal(FrostCode.InvalidGroupKey, "The group key is not a point in compressed form.");
        }

        Point?[]? shares = publicShares is null ? null : new Point?[participants];
        return Collect(participants, ids, publicShares, shares).TryGet(out SeatSet signers, out FrostRefusal? refusal)
            && (shares is null || Matches(signers, shares, key, out refusal))
            ? new SignerSelection(new ThresholdInfo(threshold, participants, key, shares), signers)
            : refusal!;
    }

    internal static FrostRefusal? CheckCounts(int threshold, int participants, int signers, int? publicShares)
    {
        if (signers < threshold || signers > participants)
        {
            return new FrostRefusal(FrostCode.SignerCountOutOfRange, $"{signers} signers are not in {threshold}..{participants}.");
        }

        return publicShares is { } count && count != signers
            ? new FrostRefusal(FrostCode.PublicShareCountMismatch, $"{signers} signers have {count} public shares.")
            : null;
    }

    private static Outcome<SeatSet> Collect(int participants, IReadOnlyList<long> ids, IReadOnlyList<Bytes33>? publicShares, Point?[]? shares)
    {
        SeatSet signers = default;
        for (int index = 0; index < ids.Count; index++)
        {
            if (ids[index] >= participants || !SeatId.TryCreate(ids[index], out SeatId seat))
            {
                return new FrostRefusal(FrostCode.SeatOutOfRange, $"Seat {ids[index]} is not in 0..{participants - 1}.", index);
            }

            if (publicShares is not null)
            {
                Bytes33 encoded = publicShares[index];
                if (!Point.TryParse(encoded.AsSpan(), out Point share))
                {
                    return new FrostRefusal(FrostCode.InvalidPublicShare, "A public share is not a point in compressed form.", index, seat);
                }

                shares![seat.Value] = share;
            }

            signers = signers.With(seat);
        }

        return signers.Count == ids.Count ? signers : new FrostRefusal(FrostCode.DuplicateSeat, "A seat is listed more than once.");
    }

    private static bool Matches(SeatSet signers, Point?[] shares, in Point groupKey, out FrostRefusal? refusal)
    {
        Point[] points = [.. signers.Select(seat => shares[seat.Value]!.Value)];
        Point interpolated = Lagrange.Interpolate(signers, points, Lagrange.GroupKeyPosition);
        refusal = interpolated.IsInfinity
            ? new FrostRefusal(FrostCode.GroupKeyInfinite, "The public shares interpolate to the point at infinity.")
            : interpolated != groupKey
            ? new FrostRefusal(FrostCode.PublicSharesMismatch, "The public shares do not interpolate to the group key.")
            : null;
        return refusal is null;
    }
}
