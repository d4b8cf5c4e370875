using System.Diagnostics;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>Reads coordinated sessions from a journal, without waking them. Works beside a running coordinator.</summary>
public sealed class SessionReader(IJournal journal)
{
    /// <summary>Every session in the order of their first event.</summary>
    public async IAsyncEnumerable<CoordinatorAddress> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (EntityId id in journal.ListAsync(CoordinatorEntity.Kind, cancellation))
        {
            yield return EntityAddress.ToCoordinator(id);
        }
    }

    /// <summary>The session's transcript; null when it was never opened. Throws <see cref="UnreadableHistoryException"/> when its history cannot be read.</summary>
    public async ValueTask<SessionView?> ReadAsync(CoordinatorAddress session, CancellationToken cancellation)
    {
        List<AttemptContext> proposed = [];
        (CoordinatorState state, _) = await History.LoadAsync(
            journal, EntityAddress.Of(session), RoastCoordinator.Initial(session), Follow, RoastCodec.Events, cancellation);
        return state is CoordinatorState.Accepted accepted ? View(accepted, proposed) : null;

        CoordinatorState Follow(CoordinatorState before, RoastEvent @event)
        {
            if (@event is RoastEvent.AttemptProposed proposal)
            {
                proposed.Add(proposal.Attempt);
            }

            return RoastCoordinator.Decider.Evolve(before, @event);
        }
    }

    private static SessionView View(CoordinatorState.Accepted session, IReadOnlyList<AttemptContext> proposed)
    {
        SeatRoster roster = session.Roster;
        CoordinatorState.Completed? completed = session as CoordinatorState.Completed;
        IEnumerable<(SeatId Seat, SeatStanding Standing)> seats = roster.Seats.Select(static (standing, seat) => (new SeatId(seat), standing));
        return new SessionView(
            session.Address.Session,
            session.Address.Group,
            session switch
            {
                CoordinatorState.Running => "running",
                CoordinatorState.Completed => "completed",
                CoordinatorState.Failed => "failed",
                _ => throw new UnreachableException(),
            },
            session.Request.Message,
            completed?.OutputKey,
            completed?.Signature,
            [.. proposed.Zip(roster.Reasons, (attempt, reason) => View(session, attempt, reason))],
            [.. seats.Where(static seat => seat.Standing is SeatStanding.Convicted).Select(static seat => new CulpritView(seat.Seat, ((SeatStanding.Convicted)seat.Standing).Certificate))],
            [.. seats.Where(static seat => seat.Standing is SeatStanding.Declined).Select(static seat => new DeclinedView(seat.Seat, ((SeatStanding.Declined)seat.Standing).Code))],
            (session as CoordinatorState.Failed)?.Reason);
    }

    private static AttemptView View(CoordinatorState.Accepted session, AttemptContext attempt, AdvanceReason reason)
    {
        IssuedAttempt? issued = session.Roster.Issued.GetValueOrDefault(attempt.Id);
        string state = issued switch
        {
            null when attempt != session.Roster.Collecting => "superseded",
            null => session is CoordinatorState.Running ? "collecting" : "superseded",
            { IsDead: true } => "dead",
            _ when session is CoordinatorState.Completed completed && completed.Attempt == attempt => "aggregated",
            _ => session is CoordinatorState.Running ? "live" : "unfinished",
        };
        return new AttemptView(
            attempt.Number,
            attempt.Id,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()),
            state,
            attempt.Included,
            issued?.Package.Commitments.Seats ?? default,
            issued is null ? default : SeatSet.Of([.. issued.Shares.Keys.Select(static seat => new SeatId(seat))]));
    }
}
