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
public sealed record SigningPackage(AttemptContext Attempt, Batch<Bytes32> Message, Batch<TweakList> Tweaks, SeatCommitments Commitments)
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

        hash.Add(Message).Add(Tweaks).Add(Commitments.Count);
        foreach ((SeatId seat, Batch<Commitment> commitment) in Commitments)
        {
            hash.Add(seat.Value).Add(commitment);
        }

        return new PackageHash(hash.Finish());
    }

    /// <summary>
    /// What BIP-445 derives for each message (GetSessionValues): nonces aggregated, binding value, challenge. Refused when a commitment is not two points, a
    /// tweak is impossible. The package must be even (<see cref="IsEven"/>).
    /// </summary>
    public Outcome<Batch<SessionValues>> Values(ThresholdInfo group)
    {
        if (!group.Tweaked(Tweaks).TryGet(out Batch<TweakedKey>? keys, out FrostRefusal? refused))
        {
            return refused;
        }

        SessionValues?[] values = new SessionValues?[Message.Count];
        bool all = Batch.All(Message.Count, message =>
        {
            if (ValuesOf(message, group, keys.For(message)).TryGet(out values[message], out FrostRefusal? refusal))
            {
                return true;
            }

            refused = refusal;
            return false;
        });
        return all ? new Batch<SessionValues>(values!) : refused!;
    }

    /// <summary>Is there one commitment of each seat for each message, and one list of tweaks for all or for each?</summary>
    internal bool IsEven => (Tweaks.Count == 1 || Tweaks.Count == Message.Count) && Commitments.Messages == Message.Count;

    private Outcome<SessionValues> ValuesOf(int message, ThresholdInfo group, TweakedKey key) =>
        NonceAggregation.Aggregate(Commitments.Seats, Commitments.For(message)).TryGet(out AggregateNonce nonce, out FrostRefusal? refusal)
            ? SessionValues.Create(group, Commitments.Seats, nonce, key, Message[message].AsSpan())
            : refusal;
}
