using System.Diagnostics;
using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.SigningSession.SigningSessionEvent, SignerCluster.Protocol.SigningSession.SessionEffect, SignerCluster.Protocol.Seats.SeatReply>;

namespace SignerCluster.Protocol.SigningSession;

/// <summary>
/// A seat's part in one session. Everything is verified before anything is consumed (N4); a nonce serves one package (N1); what was
/// answered once is answered again from the journal (N6); nothing here touches a secret.
/// </summary>
public static partial class SigningSessionDecider
{
    public static Decider<SessionState, SessionCommand, SigningSessionEvent, SessionEffect, SeatReply> Decider { get; } =
        new(Decide, Evolve, static _ => [], static state => state is SessionState.Open or SessionState.Joined);

    public static SessionState Initial(SeatAddress seat) => new SessionState.Absent(seat);

    public static Decision Decide(SessionState state, SessionCommand command) => command switch
    {
        SessionCommand.Asked { Request: SeatRequest.Open open } asked => Open(state, open.Request, asked.Standing),
        SessionCommand.Asked { Request: SeatRequest.Commit commit } asked => Commit(state, commit.Attempt, asked),
        SessionCommand.Asked { Request: SeatRequest.SignShare sign } asked => SignShare(state, sign.Package, asked),
        SessionCommand.Asked { Request: SeatRequest.Complete complete } asked => Complete(state, complete, asked.Standing),
        SessionCommand.Asked { Request: SeatRequest.Abort abort } => Abort(state, abort.Reason),
        SessionCommand.RecordCommitment record => RecordCommitment(state, record),
        SessionCommand.RecordShare record => RecordShare(state, record),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static SessionState Evolve(SessionState state, SigningSessionEvent @event) => (state, @event) switch
    {
        (SessionState.Absent absent, SigningSessionEvent.SessionOpened opened)
            => new SessionState.Open(absent.Seat, opened.Request, ConsumedMarkers.None),
        (SessionState.Open open, SigningSessionEvent.AttemptJoined joined) when joined.Attempt.Number > open.Consumed.HighestNumber => Join(open, joined),
        (SessionState.Joined live, SigningSessionEvent.AttemptJoined joined) when joined.Attempt.Number > live.Attempt.Number => Join(live, joined),
        (SessionState.Joined live, SigningSessionEvent.ShareProduced produced) when produced.Attempt == live.Attempt
            => new SessionState.Open(live.Seat, live.Request, live.Consumed.With(new ConsumedMarker(produced.Attempt, produced.Package, produced.Share))),
        (SessionState.Accepted begun, SigningSessionEvent.EquivocationSeen seen) when begun.Consumed.Find(seen.Second.Attempt.Id) is not null
            => begun with { Consumed = begun.Consumed.WithEquivocation(seen.Second.Attempt.Id) },
        (SessionState.Open or SessionState.Joined, SigningSessionEvent.AttemptAggregated aggregated) => Aggregate((SessionState.Accepted)state, aggregated),
        (SessionState.Open or SessionState.Joined, SigningSessionEvent.SessionAborted aborted) => Abort((SessionState.Accepted)state, aborted),
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot follow {state.GetType().Name}."),
    };

    private static SessionState.Joined Join(SessionState.Accepted begun, SigningSessionEvent.AttemptJoined joined) =>
        new(begun.Seat, begun.Request, begun.Consumed, joined.Attempt, joined.Commitment);

    private static SessionState.Completed Aggregate(SessionState.Accepted begun, SigningSessionEvent.AttemptAggregated aggregated) =>
        new(begun.Seat, begun.Request, begun.Consumed, aggregated.Attempt, aggregated.Signature);

    private static SessionState.Aborted Abort(SessionState.Accepted begun, SigningSessionEvent.SessionAborted aborted) =>
        new(begun.Seat, begun.Request, begun.Consumed, aborted.Reason);

    private static Decision Open(SessionState state, SigningRequest request, Standing standing)
    {
        SeatId seat = Seat(state).Seat;
        Refusal? refusal = RequestPolicy.CheckSeat(standing, request.Group, seat) ?? RequestPolicy.Check(standing, request);
        return (refusal, state) switch
        {
            ({ } refused, _) => Decision.Refuse(refused),
            (_, SessionState.Absent) => Decision.Accept(new SeatReply.Acknowledged(), new SigningSessionEvent.SessionOpened(request)),
            (_, SessionState.Accepted begun) when begun.Request != request => Decision.Refuse(Refusals.SessionConflict(begun.Seat.Session)),
            (_, SessionState.Aborted) => Decision.Refuse(Refusals.SessionAborted),
            _ => Decision.Accept(new SeatReply.Acknowledged()),
        };
    }

    private static Decision Commit(SessionState state, AttemptContext attempt, SessionCommand.Asked asked)
    {
        if (Underway(state, out SessionState.Accepted? begun) is { } notUnderway)
        {
            return Decision.Refuse(notUnderway);
        }

        if (CheckContext(begun, attempt, asked.Standing, out ThresholdInfo? group) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        return state switch
        {
            _ when begun.Consumed.Find(attempt.Id) is not null => Decision.Refuse(Refusals.AttemptConsumed),
            _ when attempt.Number <= begun.Consumed.HighestNumber => Decision.Refuse(Refusals.AttemptStale(attempt.Number, begun.Consumed.HighestNumber)),
            SessionState.Joined live when attempt.Number < live.Attempt.Number => Decision.Refuse(Refusals.AttemptStale(attempt.Number, live.Attempt.Number)),
            SessionState.Joined live when attempt.Number == live.Attempt.Number => Repeat(live, attempt, asked.Held),
            _ when begun.Consumed.IsFull => Decision.Refuse(Refusals.AttemptsExhausted),
            _ => new Decision.NeedsSecret(new SigningSessionSecret.DrawNonce(begun.Seat, attempt, group!, begun.Request.Message)),
        };
    }

    private static Decision Repeat(SessionState.Joined live, AttemptContext attempt, HeldNonce? held)
    {
        if (live.Attempt != attempt)
        {
            return Decision.Refuse(Refusals.AttemptConflict);
        }

        return held?.Commitment == live.Commitment
            ? Decision.Accept(new SeatReply.Joined(attempt.Id, live.Commitment))
            : Decision.Refuse(Refusals.NonceLost);
    }

    private static Decision SignShare(SessionState state, SigningPackage package, SessionCommand.Asked asked)
    {
        if (Begun(state, out SessionState.Accepted? begun) is { } notBegun)
        {
            return Decision.Refuse(notBegun);
        }

        PackageHash hash = package.ComputeHash();
        if (begun.Consumed.Find(package.Attempt.Id) is { } marker)
        {
            return marker.Package == hash
                ? Decision.Accept(new SeatReply.Signed(marker.Attempt.Id, marker.Share))
                : Decision.Refuse(Refusals.ConsumedNonceReplay, EquivocationIn(package, marker, begun.Consumed));
        }

        return state switch
        {
            SessionState.Completed => Decision.Refuse(Refusals.AlreadyAggregated),
            SessionState.Aborted => Decision.Refuse(Refusals.SessionAborted),
            SessionState.Joined live when live.Attempt.Id == package.Attempt.Id => SignLive(live, package, hash, asked),
            _ => Decision.Refuse(Refusals.AttemptNotLive),
        };
    }

    /// <summary>
    /// Nothing for a package whose attempt is not the signed one but for its id, as anybody can make up: only the attempt itself, with other content, is worth
    /// a row. Once for an attempt, so that asking again writes nothing.
    /// </summary>
    private static SigningSessionEvent[] EquivocationIn(SigningPackage package, ConsumedMarker marker, ConsumedMarkers consumed) =>
        package.Attempt == marker.Attempt && consumed.MayNoteEquivocation(marker.Attempt.Id)
            ? [new SigningSessionEvent.EquivocationSeen(marker.Package, package)]
            : [];

    private static Decision SignLive(SessionState.Joined live, SigningPackage package, PackageHash hash, SessionCommand.Asked asked)
    {
        Standing standing = asked.Standing;
        Refusal? refusal = RequestPolicy.CheckSeat(standing, live.Request.Group, live.Seat.Seat)
            ?? CheckPackage(live, package, standing.Group!.Threshold)
            ?? RequestPolicy.CheckAgain(standing, live.Request)
            ?? RequestPolicy.CheckQuarantine(standing, package.Commitments.Seats)
            ?? CheckNonce(live, hash, asked.Held);
        if (refusal is not null)
        {
            return Decision.Refuse(refusal);
        }

        return package.Values(standing.Group!).TryGet(out Batch<SessionValues>? values, out FrostRefusal? invalid)
            ? new Decision.NeedsSecret(new SigningSessionSecret.ComputeShare(live.Seat, live.Attempt, live.Commitment, hash, values))
            : Decision.Refuse(Refusals.PackageInvalid(invalid));
    }

    private static Decision Complete(SessionState state, SeatRequest.Complete complete, Standing standing)
    {
        if (Begun(state, out SessionState.Accepted? begun) is { } notBegun)
        {
            return Decision.Refuse(notBegun);
        }

        return state switch
        {
            SessionState.Completed done when done.Attempt == complete.Attempt && done.Signature == complete.Signature
                => Decision.Accept(new SeatReply.Acknowledged()),
            SessionState.Completed => Decision.Refuse(Refusals.AlreadyAggregated),
            SessionState.Aborted => Decision.Refuse(Refusals.SessionAborted),
            _ when CheckContext(begun, complete.Attempt, standing, out _) is { } refusal => Decision.Refuse(refusal),
            _ when !standing.Group!.Tweaked(begun.Request.Tweaks).TryGet(out Batch<TweakedKey>? keys, out _)
                || !keys.Verify(begun.Request.Message, complete.Signature) => Decision.Refuse(Refusals.SignatureInvalid),
            _ => new Decision.Accepted(
                [new SigningSessionEvent.AttemptAggregated(complete.Attempt, complete.Signature)],
                [new SessionEffect.WipeNonce(begun.Seat)],
                new SeatReply.Acknowledged()),
        };
    }

    private static Decision Abort(SessionState state, AbortReason reason) => state switch
    {
        SessionState.Absent => Decision.Refuse(Refusals.SessionNotFound),
        SessionState.Completed => Decision.Refuse(Refusals.AlreadyAggregated),
        SessionState.Aborted => Decision.Accept(new SeatReply.Acknowledged()),
        SessionState.Accepted begun => new Decision.Accepted(
            [new SigningSessionEvent.SessionAborted(reason)], [new SessionEffect.WipeNonce(begun.Seat)], new SeatReply.Acknowledged()),
        _ => throw new UnreachableException(),
    };

    private static Decision RecordCommitment(SessionState state, SessionCommand.RecordCommitment record) =>
        (state is SessionState.Open open && record.Attempt.Number > open.Consumed.HighestNumber)
        || (state is SessionState.Joined live && record.Attempt.Number > live.Attempt.Number)
            ? Decision.Accept(
                new SeatReply.Joined(record.Attempt.Id, record.Commitment), new SigningSessionEvent.AttemptJoined(record.Attempt, record.Commitment))
            : throw new InvalidOperationException("A commitment was drawn for a session that is not open, or for an attempt that is not its newest.");

    private static Decision RecordShare(SessionState state, SessionCommand.RecordShare record) =>
        state is SessionState.Joined live && live.Attempt == record.Attempt
            ? Decision.Accept(
                new SeatReply.Signed(record.Attempt.Id, record.Share), new SigningSessionEvent.ShareProduced(record.Attempt, record.Package, record.Share))
            : throw new InvalidOperationException("A share was computed for an attempt that is not live.");
}
