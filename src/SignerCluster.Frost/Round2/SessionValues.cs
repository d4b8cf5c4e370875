using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round2;

/// <summary>
/// What every signer and the coordinator derive alike from one session (BIP-445 <c>GetSessionValues</c>): the nonce coefficient b, the final
/// nonce R, the challenge e. Immutable and safe to share between threads.
/// </summary>
public sealed class SessionValues
{
    private const int StackLimit = 1024;

    private static readonly TaggedHash _coefficientHash = new("BIP0445/noncecoef");
    private static readonly TaggedHash _challengeHash = new("BIP0340/challenge");

    private readonly bool _negateShares;
    private readonly bool _keyIsOdd;

    private SessionValues(ThresholdInfo group, SeatSet signers, TweakedKey key, in Scalar coefficient, in Point nonce, in Scalar challenge)
    {
        Group = group;
        Signers = signers;
        Key = key;
        NonceCoefficient = coefficient;
        FinalNonce = nonce;
        Challenge = challenge;
        NonceIsOdd = !nonce.HasEvenY;
        _keyIsOdd = !key.Point.HasEvenY;
        _negateShares = _keyIsOdd ^ key.IsNegated;
    }

    public ThresholdInfo Group { get; }

    public SeatSet Signers { get; }

    public TweakedKey Key { get; }

    /// <summary>b: binds the nonces to signers, aggregate nonce, output key and message.</summary>
    public Scalar NonceCoefficient { get; }

    /// <summary>R = R1 + b·R2, or the generator where that sum is infinity.</summary>
    public Point FinalNonce { get; }

    /// <summary>e: the BIP-340 challenge.</summary>
    public Scalar Challenge { get; }

    internal bool NonceIsOdd { get; }

    /// <summary>
    /// Derives the values; the message may have any length. The group was validated when it was created, so its public shares are not checked
    /// again. Refusals: <c>signer_count_out_of_range</c>, <c>seat_out_of_range</c>, <c>tweaked_key_of_another_group</c>,
    /// <c>invalid_aggregate_nonce</c>, which blames whoever aggregated and so names no index.
    /// </summary>
    public static Outcome<SessionValues> Create(
        ThresholdInfo group, SeatSet signers, AggregateNonce nonce, TweakedKey key, ReadOnlySpan<byte> message)
    {
        if (CheckSigners(group, signers, key) is { } refusal)
        {
            return refusal;
        }

        if (!nonce.TryParse(out Point first, out Point second))
        {
            return new FrostRefusal(
                FrostCode.InvalidAggregateNonce, "The aggregate nonce is not two points.", null, null, Contribution.AggregateNonce);
        }

        Scalar coefficient = HashCoefficient(signers, nonce, key.OutputKey, message);
        Point sum = first + (coefficient * second);
        // A signer that cancels the others' nonces must not be able to stop the session: with G the shares are still checked one by one.
        Point final = sum.IsInfinity ? Point.Generator : sum;
        return new SessionValues(group, signers, key, coefficient, final, HashChallenge(final.XOnly, key.OutputKey, message));
    }

    /// <summary>The weight of a signer's secret share in its partial signature: e·λ, negated where the parity of the key wants it.</summary>
    internal Scalar ShareWeight(SeatId seat)
    {
        Scalar weight = Challenge * Lagrange.Coefficient(Signers, seat);
        return _negateShares ? -weight : weight;
    }

    /// <summary>e·g·tacc: what the tweaks add to the aggregate, once for all signers.</summary>
    internal Scalar TweakTerm()
    {
        Scalar term = Challenge * Key.TweakSum;
        return _keyIsOdd ? -term : term;
    }

    internal static FrostRefusal? CheckSigners(ThresholdInfo group, SeatSet signers, TweakedKey key)
    {
        if (SignerSelection.CheckCounts(group.Threshold, group.Participants, signers.Count, null) is { } badCount)
        {
            return badCount;
        }

        if (!signers.IsSubsetOf(group.Seats))
        {
            return new FrostRefusal(FrostCode.SeatOutOfRange, $"The signers {signers} are not all in 0..{group.Participants - 1}.");
        }

        return key.GroupKey == group.GroupKey
            ? null
            : new FrostRefusal(FrostCode.TweakedKeyOfAnotherGroup, "The tweaked key was not derived from this group's key.");
    }

    private static Scalar HashCoefficient(SeatSet signers, in AggregateNonce nonce, XOnlyPublicKey key, ReadOnlySpan<byte> message)
    {
        int length = 4 + (4 * signers.Count) + 66 + 32 + message.Length;
        Span<byte> buffer = length <= StackLimit ? stackalloc byte[length] : new byte[length];
        HashInput input = new(buffer);
        Bytes66 nonce66 = nonce.Bytes;
        Bytes32 key32 = key.ToBytes();
        input.AppendSigners(signers);
        input.Append(nonce66.AsSpan());
        input.Append(key32.AsSpan());
        input.Append(message);
        return Scalar.Reduce(_coefficientHash.Compute(buffer));
    }

    private static Scalar HashChallenge(XOnlyPublicKey nonce, XOnlyPublicKey key, ReadOnlySpan<byte> message)
    {
        int length = 64 + message.Length;
        Span<byte> buffer = length <= StackLimit ? stackalloc byte[length] : new byte[length];
        HashInput input = new(buffer);
        Bytes32 nonce32 = nonce.ToBytes();
        Bytes32 key32 = key.ToBytes();
        input.Append(nonce32.AsSpan());
        input.Append(key32.AsSpan());
        input.Append(message);
        return Scalar.Reduce(_challengeHash.Compute(buffer));
    }
}
