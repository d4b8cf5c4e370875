using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
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
        ToSeat { Requests.Count: <= MaximumRequests } asked => [.. asked.Requests.Select(WithFacts)],
        Expire => [WithFacts(new SeatRequest.Abort(AbortReason.Expired))],
        _ => null,
    };

    protected override void Handle(object message)
    {
        if (message is ToSeat { Requests.Count: > MaximumRequests } tooMany)
        {
            Sender.Tell(new FromSeat(_seat, [new SeatAnswer.Refused(null, Refusals.TooManyRequests(MaximumRequests))], tooMany.Ask));
            return;
        }

        base.Handle(message);
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
        if (message is ToSeat asked)
        {
            asker.Tell(new FromSeat(_seat, [.. verdicts.Zip(asked.Requests, ToAnswer)], asked.Ask), ActorRefs.NoSender);
        }
    }

    protected override void Rest()
    {
        if (!IsOpen)
        {
            Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(Stop.Instance));
        }
        else if (!Timers.IsTimerActive(_expire))
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
    }

    private Func<SessionCommand> WithFacts(SeatRequest request) =>
        () => new SessionCommand.Asked(request, _parts.Standing(_seat.Group), _parts.Vault.Holding(_seat));

    private sealed record Expire;
}
