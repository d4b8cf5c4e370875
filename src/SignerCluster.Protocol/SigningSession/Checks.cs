using System.Diagnostics.CodeAnalysis;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Protocol.SigningSession;

/// <summary>What a seat checks of an attempt and of a package, in the order in which the first failure answers.</summary>
public static partial class SigningSessionDecider
{
    private static SeatAddress Seat(SessionState state) => state switch
    {
        SessionState.Absent absent => absent.Seat,
        SessionState.Accepted begun => begun.Seat,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Refusal? Begun(SessionState state, [NotNull] out SessionState.Accepted? begun)
    {
        begun = state as SessionState.Accepted;
#pragma warning disable CS8777 // A refusal ends the command, and then nobody reads the state.
        return begun is null ? Refusals.SessionNotFound : null;
#pragma warning restore CS8777
    }

    private static Refusal? Underway(SessionState state, [NotNull] out SessionState.Accepted? begun) => Begun(state, out begun) ?? begun switch
    {
        SessionState.Completed => Refusals.AlreadyAggregated,
        SessionState.Aborted => Refusals.SessionAborted,
        _ => null,
    };

    private static Refusal? CheckContext(SessionState.Accepted begun, AttemptContext attempt, Standing standing, out ThresholdInfo? group)
    {
        group = standing.Group;
        if (RequestPolicy.CheckSeat(standing, begun.Request.Group, begun.Seat.Seat) is { } refusal)
        {
            return refusal;
        }

        return attempt switch
        {
            { Number: < 1 } => Refusals.AttemptContextInvalid("attempts count from 1"),
            _ when !attempt.IsCanonical(begun.Seat.Session, begun.Request) => Refusals.AttemptIdMismatch,
            _ when !attempt.Included.Contains(begun.Seat.Seat) => Refusals.AttemptContextInvalid("this seat is not included"),
            _ when !attempt.Included.IsSubsetOf(group!.Seats) => Refusals.AttemptContextInvalid("a seat outside the group is included"),
            _ when attempt.Included.Count < group.Threshold => Refusals.AttemptContextInvalid("fewer seats than the threshold are included"),
            _ => null,
        };
    }

    private static Refusal? CheckPackage(SessionState.Joined live, SigningPackage package, int threshold) => package switch
    {
        _ when package.Attempt != live.Attempt => Refusals.AttemptIdMismatch,
        _ when package.Message != live.Request.Message => Refusals.PackageMismatch("message", live.Request.Message, package.Message),
        _ when !package.Tweaks.Equals(live.Request.Tweaks) => Refusals.PackageMismatch("tweaks", live.Request.Tweaks, package.Tweaks),
        _ when package.Commitments.Messages != package.Message.Count
            => Refusals.PackageMismatch("commitments_of_a_seat", package.Message.Count, package.Commitments.Messages),
        _ when package.Commitments.Count != threshold => Refusals.PackageMismatch("commitment_count", threshold, package.Commitments.Count),
        _ when !package.Commitments.Seats.IsSubsetOf(live.Attempt.Included)
            => Refusals.PackageMismatch("seats", live.Attempt.Included, package.Commitments.Seats),
        _ when !package.Commitments.TryGet(live.Seat.Seat, out Batch<Commitment>? own) || own != live.Commitment
            => Refusals.PackageMismatch("own_commitment", live.Commitment, own?.ToString() ?? "none"),
        _ => null,
    };

    private static Refusal? CheckNonce(SessionState.Joined live, PackageHash package, HeldNonce? held) => held switch
    {
        null => Refusals.NonceLost,
        _ when held.Commitment != live.Commitment => Refusals.NonceLost,
        { BoundTo: { } bound } when bound != package => Refusals.ConsumedNonceReplay,
        _ => null,
    };
}
