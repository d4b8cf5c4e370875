using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>
/// A seat's part in one session. Its nonces are in the participant's vault, so that they outlive an activation whose write definitely failed, and nothing else.
/// </summary>
public sealed class SigningSessionActor : EventSourcedActor<SessionState, SessionCommand, SigningSessionEvent, SessionEffect, SeatReply>, IWithTimers
{
    /// <summary>More requests than any coordinator has reason to send at once.</summary>
    private const int MaximumRequests = 8;
    private static readonly Expire _expire = new();
    private readonly SeatAddress _seat;
    private readonly SeatParts _parts;
    private readonly GuardianDoor _guardian;

    private SigningSessionActor(SeatAddress seat, SeatParts parts)
        : base(new(
            EntityAddress.Of(seat),
            SigningSessionDecider.Initial(seat),
            SigningSessionDecider.Decider,
            SigningSessionCodec.Events,
            parts.Keeper,
            parts.Quarantine,
            parts.Journal))
    {
        _seat = seat;
        _parts = parts;
        IActorRef self = Self;
        _guardian = new GuardianDoor(new GuardianAddress(seat.Group, seat.Seat), asked => parts.Guardians.Tell(asked, self), () => Timers);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The activation of the session that an entity id names.</summary>
    public static Props Props(EntityId id, SeatParts parts) =>
        Akka.Actor.Props.CreateBy(new Produced<SigningSessionActor>(() => new SigningSessionActor(EntityAddress.ToSeat(id), parts)));

    /// <summary>What is told of the verdict on a request.</summary>
    public static SeatAnswer ToAnswer(Verdict<SeatReply> verdict, SeatRequest request) => verdict switch
    {
        Verdict<SeatReply>.Granted granted => new SeatAnswer.Granted(granted.Reply),
        // Passes by itself, so it is no drop-out from an attempt: the same request is simply tried again.
        Verdict<SeatReply>.Refused { Refusal.Code: SeatKeeper.AtCapacity } full => new SeatAnswer.Failed(full.Refusal.Code, IsTransient: true),
        Verdict<SeatReply>.Refused refused => new SeatAnswer.Refused(request.About, refused.Refusal),
        Verdict<SeatReply>.Failed failed => new SeatAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };

    protected override IReadOnlyList<Func<SessionCommand>>? Read(object message) => message switch
    {
        ToSeat { Requests.Count: <= MaximumRequests } asked => [.. asked.Requests.Select(request => WithFacts(request))],
        Judged { Message: ToSeat asked, Answer: var word } => [.. asked.Requests.Select(request => WithFacts(request, word))],
        Expire => [WithFacts(new SeatRequest.Abort(AbortReason.Expired))],
        _ => null,
    };

    protected override void Handle(object message)
    {
        switch (message)
        {
            case ToSeat { Requests.Count: > MaximumRequests } tooMany:
                Sender.Tell(new FromSeat(_seat, [new SeatAnswer.Refused(null, Refusals.TooManyRequests(MaximumRequests))], tooMany.Ask));
                break;
            case ToSeat asked when asked.Requests.Any(static request => request is SeatRequest.Open or SeatRequest.SignShare):
                // Asked of this seat's own guardian, each time: what the coordinator says of it counts for nothing.
                _guardian.Ask(new GuardianCommand.Admit(_seat.Session, Spends(asked)), Sender, asked);
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

    /// <summary>Could the message, or the session that it is for, take something from the group? Yes, unless every request in sight is a proof.</summary>
    private bool Spends(ToSeat asked)
    {
        SigningRequest[] known =
        [
            .. asked.Requests.OfType<SeatRequest.Open>().Select(static open => open.Request),
            .. State is SessionState.Accepted accepted ? (SigningRequest[])[accepted.Request] : [],
        ];
        return known.Length == 0 || known.Any(static request => request.Artefact is not PolicyArtefact.MessageProof);
    }

    private void Decide(Judged judged)
    {
        SeatAnswer.Failed? passing = judged.Answer switch
        {
            GuardianAnswer.Failed failed => new SeatAnswer.Failed(failed.Code, failed.IsTransient),
            // A stop and a freeze are lifted again, and a withdrawal that was paid for must not be lost to them: the seat signs then.
            GuardianAnswer.Refused { Refusal: { Class: RefusalClass.Recoverable } closed } => new SeatAnswer.Failed(closed.Code, IsTransient: true),
            _ => null,
        };
        if (passing is null)
        {
            Decide(judged.Asker, judged);
            return;
        }

        ToSeat asked = (ToSeat)judged.Message;
        judged.Asker.Tell(new FromSeat(_seat, [.. asked.Requests.Select(_ => passing)], asked.Ask), ActorRefs.NoSender);
    }

    protected override void Run(SessionEffect effect)
    {
        if (effect is SessionEffect.WipeNonce wipe)
        {
            _parts.Vault.Wipe(wipe.Seat);
        }
    }

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<SeatReply>> verdicts)
    {
        if (((message as Judged?)?.Message ?? message) is ToSeat asked)
        {
            asker.Tell(new FromSeat(_seat, [.. verdicts.Zip(asked.Requests, ToAnswer)], asked.Ask), ActorRefs.NoSender);
        }
    }

    protected override void Rest()
    {
        if (!IsOpen && _guardian.IsEmpty)
        {
            Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(Stop.Instance));
        }
        else if (IsOpen && !Timers.IsTimerActive(_expire))
        {
            Timers.StartSingleTimer(_expire, _expire, _parts.SessionExpiry);
        }
    }

    protected override void End(JournalException fault, bool isUnknown)
    {
        if (isUnknown)
        {
            _parts.Vault.Wipe(_seat);
        }

        foreach (Judged waiting in _guardian.TakeAll(fault))
        {
            Decide(waiting);
        }
    }

    private Func<SessionCommand> WithFacts(SeatRequest request, GuardianAnswer? word = null) =>
        () => new SessionCommand.Asked(request, GuardianDoor.Join(_parts.Standing(_seat.Group), word), _parts.Vault.Holding(_seat));

    private sealed record Expire;
}
