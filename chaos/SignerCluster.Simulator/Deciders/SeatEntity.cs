using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Simulator.Deciders;

/// <summary>A seat's part in one session.</summary>
internal sealed class SeatEntity(EntityId id, SeatParts parts, EntityHost host)
    : Entity<SessionState, SessionCommand, SigningSessionEvent, SessionEffect, SeatReply>(
        id, SigningSessionDecider.Initial(EntityAddress.ToSeat(id)), SigningSessionDecider.Decider, SigningSessionCodec.Events, parts.Keeper, host)
{
    private static readonly SeatRequest.Abort _expire = new(AbortReason.Expired);
    private readonly SeatAddress _seat = EntityAddress.ToSeat(id);

    protected override IReadOnlyList<Func<SessionCommand>>? Read(object message) => message switch
    {
        ToSeat asked => [.. asked.Requests.Select(WithFacts)],
        SeatRequest.Abort expire => [WithFacts(expire)],
        _ => null,
    };

    protected override void Run(SessionEffect effect)
    {
        if (effect is SessionEffect.WipeNonce wipe)
        {
            parts.Vault.Wipe(wipe.Seat);
        }
    }

    protected override void Answer(object message, IReadOnlyList<Verdict<SeatReply>> verdicts, Action<object> tell)
    {
        if (message is ToSeat asked)
        {
            tell(new FromSeat(_seat, [.. verdicts.Zip(asked.Requests, SigningSessionActor.ToAnswer)], asked.Ask));
        }
    }

    protected override bool Rest()
    {
        if (IsOpen && !Timers.IsRunning(_expire))
        {
            Timers.Start(_expire, parts.SessionExpiry, () => Take(_expire));
        }

        return !IsOpen;
    }

    protected override void End(JournalException fault, bool isUnknown)
    {
        if (isUnknown)
        {
            parts.Vault.Wipe(_seat);
        }
    }

    private Func<SessionCommand> WithFacts(SeatRequest request) =>
        () => new SessionCommand.Asked(request, parts.Standing(_seat.Group), parts.Vault.Holding(_seat));
}
