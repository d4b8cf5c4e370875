using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// What a lying operator makes of its seat's honest answers before they leave. The seat's own program stays honest, so every checker of a seat holds
/// for it too; only what the coordinator hears is a lie.
/// </summary>
internal sealed class Liar(FaultPlan faults)
{
    private readonly List<SeatReply.Signed> _shares = [];
    private readonly List<SeatReply.Joined> _commitments = [];

    internal IReadOnlyList<SeatAnswer> Twist(IReadOnlyList<SeatAnswer> honest) => [.. honest.Select(Twist)];

    private SeatAnswer Twist(SeatAnswer answer) => answer switch
    {
        SeatAnswer.Granted { Reply: SeatReply.Signed signed } => Twist(signed),
        SeatAnswer.Granted { Reply: SeatReply.Joined joined } => new SeatAnswer.Granted(Twist(joined)),
        _ => answer,
    };

    private SeatAnswer Twist(SeatReply.Signed signed)
    {
        _shares.Add(signed);
        SeatReply.Signed earlier = faults.Details(FaultKind.LieShareOfAnotherAttempt).Pick(_shares);
        return signed switch
        {
            _ when faults.Happens(FaultKind.LieWithheldShare) => new SeatAnswer.Failed("storage_unavailable", IsTransient: true),
            _ when faults.Happens(FaultKind.LieBadShare) => new SeatAnswer.Granted(signed with { Share = Altered(signed.Share) }),
            _ when earlier.Attempt != signed.Attempt && faults.Happens(FaultKind.LieShareOfAnotherAttempt) =>
                new SeatAnswer.Granted(signed with { Share = earlier.Share }),
            _ => new SeatAnswer.Granted(signed),
        };
    }

    private SeatReply.Joined Twist(SeatReply.Joined joined)
    {
        _commitments.Add(joined);
        SeatReply.Joined earlier = faults.Details(FaultKind.LieStaleCommitment).Pick(_commitments);
        return joined switch
        {
            _ when faults.Happens(FaultKind.LieInvalidCommitment) => joined with { Commitment = default(Commitment) },
            _ when earlier.Attempt != joined.Attempt && faults.Happens(FaultKind.LieStaleCommitment) => joined with { Commitment = earlier.Commitment },
            _ => joined,
        };
    }

    /// <summary>Still a scalar, so that it is the mathematics that finds it.</summary>
    private Batch<Share> Altered(Batch<Share> share)
    {
        Share[] shares = [.. share];
        ref Share chosen = ref shares[shares.Length == 1 ? 0 : faults.Details(FaultKind.LieBadShare).Below(shares.Length)];
        byte[] bytes = chosen.Bytes.AsSpan().ToArray();
        bytes[faults.Details(FaultKind.LieBadShare).Between(16, 31)] ^= 1;
        chosen = new Share(FixedBytes.From<Bytes32>(bytes));
        return Batch.Of(shares);
    }
}
