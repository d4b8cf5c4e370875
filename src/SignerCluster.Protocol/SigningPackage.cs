using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>
/// What a seat is asked to sign in round 2: the attempt, the message and tweaks again, and the commitments of all t signers. The seat
/// aggregates the commitments itself, so it sees exactly what it signs.
/// </summary>
public sealed record SigningPackage(AttemptContext Attempt, Bytes32 Message, TweakList Tweaks, SeatCommitments Commitments)
{
    private static readonly TaggedHash _domain = new("SignerCluster/package/v1");

    /// <summary>Binds every byte of the package, also where the attempt's id does not fit its fields; the id binds session and group.</summary>
    public PackageHash ComputeHash()
    {
        FramedHash hash = new FramedHash(_domain).Add(Attempt.Id.Hash).Add(Attempt.Number).Add(Attempt.Included.Count);
        foreach (SeatId seat in Attempt.Included)
        {
            hash.Add(seat.Value);
        }

        hash.Add(Message).Add(Tweaks.Count);
        foreach (Tweak tweak in Tweaks)
        {
            hash.Add((int)tweak.Mode).Add(tweak.Value.ToBytes());
        }

        hash.Add(Commitments.Count);
        foreach ((SeatId seat, Commitment commitment) in Commitments)
        {
            hash.Add(seat.Value).Add(commitment.Bytes);
        }

        return new PackageHash(hash.Finish());
    }

    /// <summary>
    /// What BIP-445 derives from the package (GetSessionValues): nonces aggregated, binding value, challenge. Refused when a commitment is not
    /// two points or a tweak is impossible.
    /// </summary>
    public Outcome<SessionValues> Values(ThresholdInfo group)
    {
        if (!group.Tweaked(Tweaks).TryGet(out TweakedKey? key, out FrostRefusal? refusal)
            || !NonceAggregation.Aggregate(Commitments.Seats, Commitments.Values).TryGet(out AggregateNonce nonce, out refusal))
        {
            return refusal;
        }

        return SessionValues.Create(group, Commitments.Seats, nonce, key, Message.AsSpan());
    }
}
