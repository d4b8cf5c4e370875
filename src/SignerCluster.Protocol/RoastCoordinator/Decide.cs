using System.Diagnostics;
using SignerCluster.Frost;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using Decision = SignerCluster.Protocol.Decision<SignerCluster.Protocol.RoastCoordinator.RoastEvent, SignerCluster.Protocol.RoastCoordinator.CoordinatorEffect, SignerCluster.Protocol.RoastCoordinator.CoordinatorReply>;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>
/// ROAST (eprint 2022/550) for one session: an attempt starts as soon as t seats are responsive, every share is verified before its seat
/// is re-admitted, and a seat that answers is asked for its next commitment with the same breath. So a seat is in at most one attempt,
/// at most n-t+1 attempts are live, and any t honest seats that answer finish. No timer is needed: only answers move it.
/// </summary>
public static class RoastDecider
{
    public static Decider<CoordinatorState, CoordinatorAsked, RoastEvent, CoordinatorEffect, CoordinatorReply> Decider { get; } =
        new(Decide, RoastEvolution.Evolve, Resume, static state => state is CoordinatorState.Running);

    public static CoordinatorState Initial(CoordinatorAddress address) => new CoordinatorState.Absent(address);

    public static Decision Decide(CoordinatorState state, CoordinatorAsked asked) => asked.Command switch
    {
        CoordinatorCommand.Sign sign => Sign(state, sign.Request, asked.Standing),
        CoordinatorCommand.Withdraw withdraw => Sign(state, withdraw.Request, asked.Standing),
        _ when state is CoordinatorState.Absent => Decision.Refuse(Refusals.SessionNotFound),
        CoordinatorCommand.Show => Decision.Accept(Status(state)),
        CoordinatorCommand.Abort abort => Abort(state, abort.Reason, asked.Standing),
        CoordinatorCommand.SeatAnswered answered => Answered(state, answered, asked.Standing),
        _ => throw new UnreachableException(asked.Command.GetType().Name),
    };

    /// <summary>What is still owed after a reload. Seats are idempotent, so asking again is safe.</summary>
    public static IReadOnlyList<CoordinatorEffect> Resume(CoordinatorState state)
    {
        if (state is not CoordinatorState.Running running)
        {
            return [];
        }

        SeatRoster roster = running.Roster;
        List<CoordinatorEffect> owed = [];
        SeatSet wanted = roster.Wanted;
        foreach (SeatId seat in roster.Invited)
        {
            IReadOnlyList<SeatRequest>? requests = roster[seat] switch
            {
                SeatStanding.Signing signing => [new SeatRequest.SignShare(roster.Issued[signing.Attempt].Package), new SeatRequest.Commit(roster.Collecting)],
                SeatStanding.Idle when wanted.Contains(seat) => [new SeatRequest.Open(running.Request), new SeatRequest.Commit(roster.Collecting)],
                _ => null,
            };
            if (requests is not null)
            {
                owed.Add(new CoordinatorEffect.AskSeat(running.Address.At(seat), requests));
            }
        }

        return owed;
    }

    /// <summary>Where a session stands that was accepted.</summary>
    public static CoordinatorReply Status(CoordinatorState state) => state switch
    {
        CoordinatorState.Running running => new CoordinatorReply.Running(running.Roster.Issued.Count),
        CoordinatorState.Completed done => new CoordinatorReply.Completed(done.Roster.Issued.Count, done.OutputKey, done.Signature),
        CoordinatorState.Failed failed => new CoordinatorReply.Failed(failed.Roster.Issued.Count, failed.Reason),
        _ => throw new UnreachableException(state.GetType().Name),
    };

    private static Decision Sign(CoordinatorState state, SigningRequest request, Standing standing)
    {
        if (state is CoordinatorState.Accepted accepted)
        {
            // The guardian knows what its withdrawal stands for, so where it has refused this request that says more.
            return accepted.Request == request
                ? Decision.Accept(Status(state))
                : Decision.Refuse(standing.Barred ?? Refusals.SessionConflict(accepted.Address.Session));
        }

        if ((RequestPolicy.CheckGroup(standing, request.Group) ?? RequestPolicy.Check(standing, request)) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        RoastTurn turn = new(state, standing.Group!);
        turn.Begin(request);
        return turn.Finish();
    }

    private static Decision Answered(CoordinatorState state, CoordinatorCommand.SeatAnswered answered, Standing standing)
    {
        // Answers that arrive after the end are late or duplicates: harmless, and nothing to write.
        if (state is not CoordinatorState.Running running || answered.Seat.Value >= running.Roster.Participants)
        {
            return Decision.Accept(Status(state));
        }

        if (RequestPolicy.CheckGroup(standing, running.Request.Group) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        RoastTurn turn = new(state, standing.Group!);
        foreach (SeatAnswer answer in answered.Answers)
        {
            turn.Take(answered.Seat, answer);
        }

        turn.KeepBusy(answered.Seat);
        return turn.FinishReport();
    }

    private static Decision Abort(CoordinatorState state, AbortReason reason, Standing standing)
    {
        if (state is not CoordinatorState.Running)
        {
            return Decision.Accept(Status(state));
        }

        if (RequestPolicy.CheckGroup(standing, ((CoordinatorState.Running)state).Request.Group) is { } refusal)
        {
            return Decision.Refuse(refusal);
        }

        RoastTurn turn = new(state, standing.Group!);
        turn.Fail(Refusals.SessionAborted, reason);
        return turn.Finish();
    }
}
