using System.Diagnostics;
using SignerCluster.Frost;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;
using Decision = SignerCluster.Protocol.Decision<SignerCluster.Protocol.RoastCoordinator.RoastEvent, SignerCluster.Protocol.RoastCoordinator.CoordinatorEffect, SignerCluster.Protocol.RoastCoordinator.CoordinatorReply>;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>One decision in the making: events are applied as they are emitted, so that each step of it sees what the steps before did.</summary>
internal sealed class RoastTurn(CoordinatorState before, ThresholdInfo group)
{
    private readonly List<RoastEvent> _events = [];
    private readonly List<CoordinatorEffect> _endings = [];
    private readonly SortedDictionary<SeatId, IReadOnlyList<SeatRequest>> _asks = [];
    private readonly SeatSet _wantedBefore = before is CoordinatorState.Running earlier ? earlier.Roster.Wanted : SeatSet.All(SeatId.MaxCount);
    private CoordinatorState _state = before;
    private SeatSet _spares;
    private bool _sessionNotFound;
    private bool _couldNotWrite;

    private CoordinatorState.Running? Running => _state as CoordinatorState.Running;

    internal Decision Finish()
    {
        AskNewlyWanted();
        IEnumerable<CoordinatorEffect> effects = Running is { } running
            ? _asks.Select(ask => new CoordinatorEffect.AskSeat(running.Address.At(ask.Key), ask.Value, _spares.Contains(ask.Key)))
            : _endings;
        return new Decision.Accepted(_events, [.. effects], RoastDecider.Status(_state));
    }

    /// <summary>As <see cref="Finish"/>, for what a seat answered to a session that goes on: when it changed nothing and nothing is to be done, only that is
    /// said.</summary>
    internal Decision FinishReport()
    {
        Decision finished = Finish();
        return finished is Decision.Accepted { Events.Count: 0, Effects.Count: 0 }
            ? new Decision.Accepted([], [], new CoordinatorReply.Noted()) { IsReceipt = true } : finished;
    }

    internal void Begin(SigningRequest request)
    {
        Emit(new RoastEvent.SigningRequested(request, group.Threshold, group.Participants));
        Propose(AdvanceReason.First);
        AskToCommit(Running!, group.Seats);
    }

    internal void Take(SeatId seat, SeatAnswer answer)
    {
        if (Running is not { } running)
        {
            return;
        }

        switch (answer)
        {
            case SeatAnswer.Granted { Reply: SeatReply.Joined joined }:
                Join(running, seat, joined);
                break;
            case SeatAnswer.Granted { Reply: SeatReply.Signed signed }:
                Accept(running, seat, signed);
                break;
            case SeatAnswer.Refused refused:
                Leave(running.Roster, seat, refused);
                break;
            case SeatAnswer.Failed:
                _couldNotWrite = true;
                break;
            case SeatAnswer.Granted:
                break;
            default:
                throw new UnreachableException(answer.GetType().Name);
        }
    }

    /// <summary>
    /// A seat that answered, owes no share and is wanted is asked for its commitment to the attempt that collects. One that could not write still
    /// owes its share, and nobody else would ask for it again.
    /// </summary>
    internal void KeepBusy(SeatId seat)
    {
        if (_couldNotWrite && Running is { } waiting && waiting.Roster[seat] is SeatStanding.Signing signing)
        {
            Ask(seat, new SeatRequest.SignShare(waiting.Roster.Issued[signing.Attempt].Package), new SeatRequest.Commit(waiting.Roster.Collecting));
        }

        if (Running is { } running && running.Roster.Wanted.Contains(seat))
        {
            SeatRequest commit = new SeatRequest.Commit(running.Roster.Collecting);
            Ask(seat, _sessionNotFound ? [new SeatRequest.Open(running.Request), commit] : [commit]);
        }
    }

    internal void Fail(Refusal reason, AbortReason abort)
    {
        CoordinatorState.Running running = Running!;
        Emit(new RoastEvent.SessionFailed(reason));
        End(running.Roster.Eligible, running.Address, new SeatRequest.Abort(abort));
    }

    private void Join(CoordinatorState.Running running, SeatId seat, SeatReply.Joined joined)
    {
        SeatRoster roster = running.Roster;
        bool awaited = roster[seat] is SeatStanding.Idle && joined.Attempt == roster.Collecting.Id && roster.Invited.Contains(seat);
        if (!awaited)
        {
            return;
        }

        if (joined.Commitment.Count != running.Request.Message.Count || !Batch.All(joined.Commitment.Count, message => joined.Commitment[message].IsValid()))
        {
            Decline(seat, "commitment_invalid");
            return;
        }

        Emit(new RoastEvent.CommitmentReceived(joined.Attempt, seat, joined.Commitment));
        if (Running!.Roster.Responsive.Count == roster.Threshold)
        {
            Issue(Running);
        }
    }

    private void Issue(CoordinatorState.Running running)
    {
        SeatCommitments commitments = SeatCommitments.From(
            running.Roster.Responsive.Select(seat => (seat, ((SeatStanding.Responsive)running.Roster[seat]).Commitment)));
        SigningPackage package = new(running.Roster.Collecting, running.Request.Message, running.Request.Tweaks, commitments);
        Emit(new RoastEvent.PackageIssued(package.Attempt, commitments));
        Propose(AdvanceReason.PackageIssued);
        foreach (SeatId seat in commitments.Seats)
        {
            Ask(seat, new SeatRequest.SignShare(package), new SeatRequest.Commit(Running!.Roster.Collecting));
        }

        int live = Running!.Roster.Live.Count();
        if (live > group.Participants - group.Threshold + 1)
        {
            throw new InvalidOperationException($"{live} attempts are live; ROAST allows n-t+1 = {group.Participants - group.Threshold + 1}.");
        }
    }

    private void Accept(CoordinatorState.Running running, SeatId seat, SeatReply.Signed signed)
    {
        // A share is awaited from a seat once; whatever else arrives is a duplicate and changes nothing.
        if (running.Roster[seat] is not SeatStanding.Signing signing || signing.Attempt != signed.Attempt)
        {
            return;
        }

        IssuedAttempt attempt = running.Roster.Issued[signed.Attempt];
        bool isLast = attempt.Shares.Count + 1 == group.Threshold;
        Batch<Bytes64>? signature = isLast ? attempt.Aggregate(group, seat, signed.Share) : null;
        if (!Implies(signature, attempt) && !attempt.IsGood(group, seat, signed.Share))
        {
            Emit(new RoastEvent.SeatConvicted(
                seat, new BlameCertificate(running.Address.Session, running.Request, attempt.Package, seat, signed.Share)));
            FailIfTooFew();
            return;
        }

        Emit(new RoastEvent.ShareAccepted(signed.Attempt, seat, signed.Share));
        if (isLast)
        {
            Complete(attempt, signature ?? throw new InvalidOperationException("Verified shares gave an invalid signature."));
        }
    }

    /// <summary>
    /// Does a signature prove the share that completed it? The other shares were verified when they came and all equations are linear, so the sum verifies
    /// exactly when the last share does. Only where nonces that cancel were replaced by the generator the shares do not add up to what verifies.
    /// </summary>
    private bool Implies(Batch<Bytes64>? signature, IssuedAttempt attempt) =>
        signature is not null && attempt.Values(group).All(static values => values.FinalNonce != Point.Generator);

    private void Complete(IssuedAttempt attempt, Batch<Bytes64> signature)
    {
        CoordinatorState.Running running = Running!;
        Emit(new RoastEvent.SessionCompleted(attempt.Context.Id, attempt.OutputKeys(group), signature));
        End(running.Roster.Eligible, running.Address, new SeatRequest.Complete(attempt.Context, signature));
    }

    private void Leave(SeatRoster roster, SeatId seat, SeatAnswer.Refused refused)
    {
        bool final = refused.Refusal.Class == RefusalClass.Terminal || refused.About is null;
        bool owed = roster[seat] switch
        {
            SeatStanding.Signing signing => refused.About is null || (refused.About == signing.Attempt && !AnswersOnlyCommit(refused.Refusal)),
            SeatStanding.Idle => refused.About is null || (refused.About == roster.Collecting.Id && (final || roster.Invited.Contains(seat))),
            SeatStanding.Responsive => refused.About is null || refused.About == roster.Collecting.Id,
            _ => false,
        };
        if (!owed)
        {
            return;
        }

        _sessionNotFound |= refused.Refusal == Refusals.SessionNotFound;
        if (final)
        {
            Decline(seat, refused.Refusal.Code);
        }
        else
        {
            Withdraw(roster, seat, refused.About!.Value, refused.Refusal.Code);
        }
    }

    /// <summary>
    /// A late duplicate of the request to commit finds the attempt consumed or behind. A seat that has really lost the attempt says so
    /// again when it is asked for the share.
    /// </summary>
    private static bool AnswersOnlyCommit(Refusal refusal) => refusal == Refusals.AttemptConsumed || refusal.Code == Refusals.AttemptStaleCode;

    private void Withdraw(SeatRoster roster, SeatId seat, AttemptId attempt, string code)
    {
        Emit(new RoastEvent.SeatWithdrew(attempt, seat, code));
        if (attempt != roster.Collecting.Id)
        {
            return;
        }

        Propose(AdvanceReason.SeatWithdrew);
        // The seat itself is asked when all of its answers have been taken.
        AskToCommit(Running!, Running!.Roster.Wanted.Without(seat));
    }

    /// <summary>
    /// Seats that were not wanted before this turn: they rested while others were steadier, or too few were free for an attempt. One that is asked already
    /// in this turn knows more. What they are asked for is a spare while there is an attempt that only waits for shares.
    /// </summary>
    private void AskNewlyWanted()
    {
        if (Running is not { } running)
        {
            return;
        }

        SeatSet newly = SeatSet.Of([.. running.Roster.Wanted.Except(_wantedBefore).Where(seat => !_asks.ContainsKey(seat))]);
        AskToCommit(running, newly);
        if (running.Roster.Live.Any())
        {
            _spares = newly;
        }
    }

    private void AskToCommit(CoordinatorState.Running running, SeatSet seats)
    {
        foreach (SeatId seat in seats)
        {
            Ask(seat, new SeatRequest.Open(running.Request), new SeatRequest.Commit(running.Roster.Collecting));
        }
    }

    private void Decline(SeatId seat, string code)
    {
        Emit(new RoastEvent.SeatDeclined(seat, code));
        FailIfTooFew();
    }

    private void FailIfTooFew()
    {
        SeatRoster roster = Running!.Roster;
        if (roster.Eligible.Count >= group.Threshold)
        {
            return;
        }

        IEnumerable<string> reasons = roster.Seats.Select(static (standing, seat) => standing switch
        {
            SeatStanding.Convicted => $"seat {seat} sent a bad share",
            SeatStanding.Declined declined => $"seat {seat} declined with {declined.Code}",
            _ => null,
        }).OfType<string>();
        Fail(Refusals.InsufficientSeats(group.Threshold, roster.Eligible.Count, string.Join(", ", reasons)), AbortReason.Requested);
    }

    private void Propose(AdvanceReason reason)
    {
        CoordinatorState.Running running = Running!;
        AttemptContext next = AttemptContext.Derive(running.Address.Session, running.Request, running.Roster.Collecting.Number + 1, running.Roster.Eligible);
        Emit(new RoastEvent.AttemptProposed(next, reason));
    }

    private void End(SeatSet seats, CoordinatorAddress address, SeatRequest last)
    {
        _endings.AddRange(seats.Select(seat => new CoordinatorEffect.TellSeat(address.At(seat), last)));
        _endings.Add(new CoordinatorEffect.Announce((CoordinatorState.Accepted)_state));
    }

    /// <summary>A later ask of the same turn replaces an earlier one: it knows more.</summary>
    private void Ask(SeatId seat, params SeatRequest[] requests) => _asks[seat] = requests;

    private void Emit(RoastEvent @event)
    {
        _events.Add(@event);
        _state = RoastEvolution.Evolve(_state, @event);
    }
}
