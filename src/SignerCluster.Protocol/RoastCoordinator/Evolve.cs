using System.Collections.Immutable;
using System.Diagnostics;
using SignerCluster.Frost;
using SignerCluster.Frost.Round2;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>How each event changes a coordinated session. Trusts history: whoever appended it had decided it.</summary>
internal static class RoastEvolution
{
    internal static CoordinatorState Evolve(CoordinatorState state, RoastEvent @event) => (state, @event) switch
    {
        (CoordinatorState.Absent absent, RoastEvent.SigningRequested requested)
            => new CoordinatorState.Running(absent.Address, requested.Request, SeatRoster.Start(requested.Threshold, requested.Participants)),
        (CoordinatorState.Running running, RoastEvent.SessionCompleted completed)
            => new CoordinatorState.Completed(
                running.Address, running.Request, running.Roster, running.Roster.Issued[completed.Attempt].Context, completed.OutputKey, completed.Signature),
        (CoordinatorState.Running running, RoastEvent.SessionFailed failed)
            => new CoordinatorState.Failed(running.Address, running.Request, running.Roster, failed.Reason),
        (CoordinatorState.Running running, RoastEvent.PackageIssued issued)
            => running with
            {
                Roster = Issue(running.Roster, new SigningPackage(issued.Attempt, running.Request.Message, running.Request.Tweaks, issued.Commitments)),
            },
        (CoordinatorState.Running running, _) => running with { Roster = Evolve(running.Roster, @event) },
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot follow {state.GetType().Name}."),
    };

    private static SeatRoster Evolve(SeatRoster roster, RoastEvent @event) => @event switch
    {
        RoastEvent.AttemptProposed proposed => Collect(roster, proposed),
        RoastEvent.CommitmentReceived received => roster.With(received.Seat, new SeatStanding.Responsive(received.Commitment)),
        RoastEvent.ShareAccepted accepted => Accept(roster, accepted),
        RoastEvent.SeatConvicted convicted => roster
            .WithDead(attempt => attempt.Context.Id == convicted.Certificate.Package.Attempt.Id)
            .With(convicted.Seat, new SeatStanding.Convicted(convicted.Certificate)),
        RoastEvent.SeatDeclined declined => roster
            .WithDead(attempt => roster[declined.Seat] is SeatStanding.Signing signing && signing.Attempt == attempt.Context.Id)
            .With(declined.Seat, new SeatStanding.Declined(declined.Code)),
        RoastEvent.SeatWithdrew withdrew => roster
            .WithDead(attempt => attempt.Context.Id == withdrew.Attempt)
            .With(withdrew.Seat, new SeatStanding.Idle()) with
        {
            Withdrawals = roster.Withdrawals.SetItem(withdrew.Seat.Value, roster.Withdrawals[withdrew.Seat.Value] + 1),
        },
        _ => throw new UnreachableException(@event.GetType().Name),
    };

    private static SeatRoster Collect(SeatRoster roster, RoastEvent.AttemptProposed proposed)
    {
        // Commitments are made to one attempt; those to the attempt before cannot be carried over.
        SeatStanding idle = new SeatStanding.Idle();
        return roster with
        {
            Collecting = proposed.Attempt,
            Proposed = roster.Proposed.Add(new ProposedAttempt(proposed.Attempt, proposed.Reason)),
            Seats = [.. roster.Seats.Select(standing => standing is SeatStanding.Responsive ? idle : standing)],
        };
    }

    private static SeatRoster Issue(SeatRoster roster, SigningPackage package)
    {
        ImmutableArray<SeatStanding>.Builder seats = roster.Seats.ToBuilder();
        foreach (SeatId seat in package.Commitments.Seats)
        {
            seats[seat.Value] = new SeatStanding.Signing(package.Attempt.Id);
        }

        return roster with
        {
            Seats = seats.ToImmutable(),
            Issued = roster.Issued.Add(package.Attempt.Id, new IssuedAttempt(package, ImmutableSortedDictionary<int, Batch<Share>>.Empty, IsDead: false)),
        };
    }

    private static SeatRoster Accept(SeatRoster roster, RoastEvent.ShareAccepted accepted)
    {
        IssuedAttempt attempt = roster.Issued[accepted.Attempt];
        return roster.With(accepted.Seat, new SeatStanding.Idle()) with
        {
            Issued = roster.Issued.SetItem(accepted.Attempt, attempt with { Shares = attempt.Shares.Add(accepted.Seat.Value, accepted.Share) }),
        };
    }
}
