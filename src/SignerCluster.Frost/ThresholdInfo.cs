using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost;

/// <summary>
/// The public side of a group key: threshold, size, group key and, where known, the public share of every seat. Once created it is consistent:
/// the public shares lie on one polynomial of degree below the threshold whose value for the group is the group key. Immutable as
/// seen from outside, and safe to share between threads.
/// </summary>
public sealed class ThresholdInfo
{
    private readonly Point?[]? _publicShares;

    // One slot is enough: a wallet signs many messages under one address before it moves on. Racing writers cost a recomputation, never an answer.
    private volatile Derivation? _lastDerivation;

    /// <summary>For callers in this library that have established consistency by other means.</summary>
    internal ThresholdInfo(int threshold, int participants, in Point groupKey, Point?[]? publicShares)
    {
        Threshold = threshold;
        Participants = participants;
        GroupKey = groupKey;
        _publicShares = publicShares;
    }

    /// <summary>The number of seats that can sign, 1..<see cref="Participants"/>.</summary>
    public int Threshold { get; }

    /// <summary>The number of seats, at most 128.</summary>
    public int Participants { get; }

    /// <summary>The untweaked group public key.</summary>
    public Point GroupKey { get; }

    /// <summary>All seats of the group.</summary>
    public SeatSet Seats => SeatSet.All(Participants);

    /// <summary>Are the public shares of all seats known, as a coordinator needs them?</summary>
    public bool HasAllPublicShares => _publicShares is not null && !_publicShares.Contains(null);

    /// <summary>
    /// BIP-445 <c>ValidateThresholdInfo</c>. <paramref name="publicShares"/> is null when none is known, else it has one entry a seat, null where
    /// that seat's share is unknown. Costs one multiplication for each of the threshold's seats and each further public share, so keep the result.
    /// Refusals: <c>threshold_out_of_range</c>, <c>too_many_participants</c>, <c>group_key_infinite</c>, <c>public_share_count_mismatch</c>,
    /// <c>invalid_public_share</c> with its index, <c>public_shares_too_few</c>, <c>public_shares_inconsistent</c>, <c>public_shares_mismatch</c>.
    /// </summary>
    public static Outcome<ThresholdInfo> Create(int threshold, int participants, Point groupKey, IReadOnlyList<Point?>? publicShares)
    {
        if (CheckSize(threshold, participants) is { } refusal)
        {
            return refusal;
        }

        if (groupKey.IsInfinity)
        {
            return new FrostRefusal(FrostCode.GroupKeyInfinite, "The group key is the point at infinity.");
        }

        if (publicShares is null)
        {
            return new ThresholdInfo(threshold, participants, groupKey, null);
        }

        if (publicShares.Count != participants)
        {
            return new FrostRefusal(
                FrostCode.PublicShareCountMismatch,
                $"{participants} public shares are needed, null where unknown; there are {publicShares.Count}.");
        }

        return CheckShares(threshold, groupKey, publicShares) is { } inconsistent
            ? inconsistent
            : new ThresholdInfo(threshold, participants, groupKey, [.. publicShares]);
    }

    /// <summary>The public share of a seat; null when it is unknown or the seat is outside the group.</summary>
    public Point? PublicShare(SeatId seat) => _publicShares is not null && seat.Value < Participants ? _publicShares[seat.Value] : null;

    /// <summary>
    /// The group key after the tweaks in order: the same answer as <see cref="TweakedKey.Create(Point, IEnumerable{Tweak})"/> with
    /// <see cref="GroupKey"/>, refusals included. Remembers the last list that was accepted, so asking again for equal tweaks costs a comparison.
    /// </summary>
    public Outcome<TweakedKey> Tweaked(IReadOnlyList<Tweak> tweaks)
    {
        if (_lastDerivation is { } last && last.IsOf(tweaks))
        {
            return last.Key;
        }

        // Copied first: the list belongs to the caller, who may change it while the key is derived.
        Tweak[] copy = [.. tweaks];
        Outcome<TweakedKey> outcome = TweakedKey.Create(GroupKey, copy);
        if (outcome.IsAccepted)
        {
            _lastDerivation = new Derivation(copy, outcome.Value);
        }

        return outcome;
    }

    internal static FrostRefusal? CheckSize(int threshold, int participants)
    {
        if (threshold < 1 || threshold > participants)
        {
            return new FrostRefusal(FrostCode.ThresholdOutOfRange, $"The threshold {threshold} is not in 1..{participants}.");
        }

        return participants > SeatId.MaxCount
            ? new FrostRefusal(FrostCode.TooManyParticipants, $"A group has at most {SeatId.MaxCount} participants, not {participants}.")
            : null;
    }

    private static FrostRefusal? CheckShares(int threshold, in Point groupKey, IReadOnlyList<Point?> publicShares)
    {
        SeatSet present = default;
        Span<Point> basePoints = stackalloc Point[threshold];
        for (int index = 0; index < publicShares.Count; index++)
        {
            if (publicShares[index] is not { } share)
            {
                continue;
            }

            SeatId seat = new(index);
            if (share.IsInfinity)
            {
                return new FrostRefusal(FrostCode.InvalidPublicShare, "A public share is the point at infinity.", index, seat);
            }

            if (present.Count < threshold)
            {
                basePoints[present.Count] = share;
            }

            present = present.With(seat);
        }

        if (present.Count < threshold)
        {
            return new FrostRefusal(FrostCode.PublicSharesTooFew, $"{threshold} public shares are needed, {present.Count} are present.");
        }

        return CheckPolynomial(threshold, present, basePoints, groupKey, publicShares);
    }

    private static FrostRefusal? CheckPolynomial(
        int threshold, SeatSet present, ReadOnlySpan<Point> basePoints, in Point groupKey, IReadOnlyList<Point?> publicShares)
    {
        SeatSet baseSeats = SeatSet.Of([.. present.Take(threshold)]);
        foreach (SeatId seat in present.Except(baseSeats))
        {
            if (Lagrange.Interpolate(baseSeats, basePoints, seat.Value) != publicShares[seat.Value]!.Value)
            {
                return new FrostRefusal(FrostCode.PublicSharesInconsistent, "The public shares do not lie on one polynomial.");
            }
        }

        return Lagrange.Interpolate(baseSeats, basePoints, Lagrange.GroupKeyPosition) == groupKey
            ? null
            : new FrostRefusal(FrostCode.PublicSharesMismatch, "The public shares do not interpolate to the group key.");
    }

    /// <summary>A list of tweaks, never written to again, and the key it leads to.</summary>
    private sealed class Derivation(Tweak[] tweaks, TweakedKey key)
    {
        internal TweakedKey Key { get; } = key;

        internal bool IsOf(IReadOnlyList<Tweak> others)
        {
            if (others.Count != tweaks.Length)
            {
                return false;
            }

            for (int index = 0; index < tweaks.Length; index++)
            {
                if (others[index] != tweaks[index])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
