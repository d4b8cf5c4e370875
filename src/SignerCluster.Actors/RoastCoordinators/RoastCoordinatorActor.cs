using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.RoastCoordinators;

/// <summary>
/// One coordinated session: asks its seats, takes their answers, and holds those who wait for its end. Stays in memory until its seats know the end.
/// </summary>
public sealed class RoastCoordinatorActor : EventSourcedActor<CoordinatorState, CoordinatorAsked, RoastEvent, CoordinatorEffect, CoordinatorReply>, IWithTimers
{
    /// <summary>Who waits asks again after a while, so the oldest of very many has most likely gone.</summary>
    private const int MaximumWaiters = 256;
    private static readonly Expire _expire = new();
    private readonly CoordinatorAddress _session;
    private readonly CoordinatorParts _parts;
    private readonly SeatAsks _asks;
    private readonly GuardianDoor _guardian;
    private readonly Queue<IActorRef> _waiters = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private RoastCoordinatorActor(CoordinatorAddress session, CoordinatorParts parts)
        : base(new(
            EntityAddress.Of(session),
            RoastDecider.Initial(session),
            RoastDecider.Decider,
            RoastCodec.Events,
            NoSecrets<CoordinatorAsked>.Keeper,
            parts.Quarantine,
            parts.Journal))
    {
        _session = session;
        _parts = parts;
        IActorRef self = Self;
        _guardian = new GuardianDoor(new GuardianAddress(session.Group), asked => parts.Guardians.Tell(asked, self), () => Timers);
        _asks = new SeatAsks(
            session,
            parts.Settings.Seats,
            asked => parts.Seats.Tell(asked, self),
            (seat, pause) => Timers.StartSingleTimer(seat, new SendAgain(seat), pause),
            seat => Timers.Cancel(seat));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The activation of the session that an entity id names.</summary>
    public static Props Props(EntityId id, CoordinatorParts parts) =>
        Akka.Actor.Props.CreateBy(new Produced<RoastCoordinatorActor>(() => new RoastCoordinatorActor(EntityAddress.ToCoordinator(id), parts)));

    /// <summary>What is told of a verdict.</summary>
    public static CoordinatorAnswer ToAnswer(Verdict<CoordinatorReply> verdict) => verdict switch
    {
        Verdict<CoordinatorReply>.Granted granted => new CoordinatorAnswer.Granted(granted.Reply),
        Verdict<CoordinatorReply>.Refused refused => new CoordinatorAnswer.Refused(refused.Refusal),
        Verdict<CoordinatorReply>.Failed failed => new CoordinatorAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };

    protected override IReadOnlyList<Func<CoordinatorAsked>>? Read(object message) => message switch
    {
        ToSession asked => [WithFacts(asked.Command)],
        Judged { Message: ToSession asked, Answer: var answer } => [WithFacts(asked.Command, answer)],
        FromSeat answered => [WithFacts(new CoordinatorCommand.SeatAnswered(answered.Seat.Seat, answered.Answers))],
        Expire => [WithFacts(new CoordinatorCommand.Abort(AbortReason.Expired))],
        _ => null,
    };

    protected override void Handle(object message)
    {
        switch (message)
        {
            case SendAgain again:
                _asks.Send(again.Seat);
                break;
            case FromSeat answered when !IsAwaited(answered):
                break;
            case ToSession asked when IsGuardians(asked.Command):
                AskGuardian(asked);
                break;
            case FromGuardian answered:
                if (_guardian.TryTake(answered, out Judged judged))
                    Decide(judged);
                break;
            case AskGuardianAgain:
                _guardian.AskAgain();
                break;
            default:
                base.Handle(message);
                break;
        }
    }

    /// <summary>
    /// What would begin the session; and another withdrawal under its id, since the guardian tells best what the id stands for. One with the same messages is the
    /// same withdrawal, whatever came with it, and nothing of it is judged again.
    /// </summary>
    private bool IsGuardians(CoordinatorCommand command) => (State, command) switch
    {
        (CoordinatorState.Absent, CoordinatorCommand.Sign or CoordinatorCommand.Withdraw) => true,
        (CoordinatorState.Accepted known, CoordinatorCommand.Withdraw other) =>
            known.Request.Message != other.Request.Message || known.Request.Tweaks != other.Request.Tweaks,
        _ => false,
    };

    /// <summary>A session begins only with the word of the group's guardian, and a withdrawal only once it is paid for (G7).</summary>
    private void AskGuardian(ToSession asked)
    {
        bool isProof = asked.Command is CoordinatorCommand.Sign { Request.Artefact: PolicyArtefact.MessageProof };
        GuardianCommand question = new GuardianCommand.Admit(_session.Session, Spends: !isProof);
        if (asked.Command is CoordinatorCommand.Withdraw withdraw)
        {
            Standing standing = _parts.Standing(_session.Group);
            if (!WithdrawalClaim.TryMake(standing, withdraw.Request, out WithdrawalClaim? claim, out Refusal? refusal))
            {
                Sender.Tell(new FromSession(new CoordinatorAnswer.Refused(refusal)), ActorRefs.NoSender);
                return;
            }

            question = new GuardianCommand.Withdraw(_session.Session, claim.Txid, claim.Debit, withdraw.Timestamp, standing.Policy?.MaximumDaySat);
        }

        _guardian.Ask(question, Sender, asked);
    }

    private void Decide(Judged judged)
    {
        ToSession asked = (ToSession)judged.Message;
        _asks.Trace = asked.Trace ?? _asks.Trace;
        if (judged.Answer is GuardianAnswer.Failed failed)
        {
            judged.Asker.Tell(new FromSession(new CoordinatorAnswer.Failed(failed.Code, failed.IsTransient)), ActorRefs.NoSender);
        }
        else
        {
            Decide(judged.Asker, judged);
        }
    }

    protected override void Run(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case CoordinatorEffect.AskSeat ask:
                _asks.Ask(ask.Seat.Seat, ask.Requests, ask.IsSpare ? _parts.Settings.Seats.SparePause : TimeSpan.Zero);
                break;
            case CoordinatorEffect.TellSeat tell:
                _asks.Tell(tell.Seat.Seat, tell.Request);
                break;
            case CoordinatorEffect.Announce announce:
                TellWaiters(EndOf(announce.End));
                break;
            default:
                throw new UnreachableException(effect.GetType().Name);
        }
    }

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<CoordinatorReply>> verdicts)
    {
        switch ((message as Judged?)?.Message ?? message, verdicts[0])
        {
            case (ToSession { Waits: true }, Verdict<CoordinatorReply>.Granted { Reply: CoordinatorReply.Running }) when IsOpen:
                Await(asker);
                break;
            case (ToSession { Waits: true }, Verdict<CoordinatorReply>.Granted { Reply: CoordinatorReply.Running }):
                // The end was written while this answer waited for its proof, and those who waited then were told.
                asker.Tell(EndOf((CoordinatorState.Accepted)State), ActorRefs.NoSender);
                break;
            case (ToSession, { } verdict):
                asker.Tell(new FromSession(ToAnswer(verdict)), ActorRefs.NoSender);
                break;
        }
    }

    protected override void Rest()
    {
        if (IsOpen && !Timers.IsTimerActive(_expire))
        {
            Timers.StartSingleTimer(_expire, _expire, _parts.Settings.SessionExpiry);
        }
        else if (!IsOpen && _asks.IsEmpty && _guardian.IsEmpty)
        {
            Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(Stop.Instance));
        }
    }

    protected override void End(JournalException fault, bool isUnknown)
    {
        TellWaiters(new FromSession(new CoordinatorAnswer.Failed(fault.Code, fault.IsTransient)));
        foreach (Judged waiting in _guardian.TakeAll(fault))
        {
            Decide(waiting);
        }
    }

    private bool IsAwaited(FromSeat answered)
    {
        bool isAwaited = _asks.TryTake(answered, out string? fault);
        if (fault is not null)
        {
            _log.Debug(
                "Session {Session}: seat {Seat} gives no answer ({Code}); trying again until the session ends.", _session.Session, answered.Seat.Seat, fault);
        }

        return isAwaited;
    }

    private Func<CoordinatorAsked> WithFacts(CoordinatorCommand command, GuardianAnswer? word = null) =>
        () => new CoordinatorAsked(command, GuardianDoor.Join(_parts.Standing(_session.Group), word));

    private static FromSession EndOf(CoordinatorState.Accepted end) => new(new CoordinatorAnswer.Granted(RoastDecider.Status(end)), end);

    private void Await(IActorRef asker)
    {
        _waiters.Enqueue(asker);
        if (_waiters.Count > MaximumWaiters)
        {
            _waiters.Dequeue();
        }
    }

    private void TellWaiters(FromSession end)
    {
        while (_waiters.TryDequeue(out IActorRef? waiter))
        {
            waiter.Tell(end, ActorRefs.NoSender);
        }
    }

    private sealed record Expire;
}
