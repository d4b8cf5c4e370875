using System.Diagnostics;
using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Frost;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Deciders;

/// <summary>A coordinated session, with those who wait for its end. Stays in memory until its seats know the end.</summary>
internal sealed class SessionEntity : Entity<CoordinatorState, CoordinatorAsked, RoastEvent, CoordinatorEffect, CoordinatorReply>
{
    private static readonly CoordinatorCommand.Abort _expire = new(AbortReason.Expired);
    private readonly List<Action<object>> _waiters = [];
    private readonly CoordinatorAddress _session;
    private readonly SeatAsks _asks;

    internal SessionEntity(EntityId id, EntityHost host)
        : base(id, RoastDecider.Initial(EntityAddress.ToCoordinator(id)), RoastDecider.Decider, RoastCodec.Events, NoSecrets<CoordinatorAsked>.Keeper, host)
    {
        _session = EntityAddress.ToCoordinator(id);
        _asks = new SeatAsks(
            _session,
            World.Limits.Seats,
            asked => World.Network.Send(host.Node, asked, answer => Take(answer)),
            (seat, pause) => Timers.Start(seat, pause, () => Take(seat)),
            seat => Timers.Stop(seat));
    }

    private World World => Host.World;

    protected override IReadOnlyList<Func<CoordinatorAsked>>? Read(object message)
    {
        switch (message)
        {
            case ToSession asked:
                return [WithFacts(asked.Command)];
            case FromSeat answered when _asks.TryTake(answered, out _):
                return [WithFacts(new CoordinatorCommand.SeatAnswered(answered.Seat.Seat, answered.Answers))];
            case CoordinatorCommand.Abort expire:
                return [WithFacts(expire)];
            case SeatId seat:
                _asks.Send(seat);
                return null;
            default:
                return null;
        }
    }

    protected override void Run(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case CoordinatorEffect.AskSeat ask:
                _asks.Ask(ask.Seat.Seat, ask.Requests, ask.IsSpare ? World.Limits.Seats.SparePause : TimeSpan.Zero);
                break;
            case CoordinatorEffect.TellSeat tell:
                _asks.Tell(tell.Seat.Seat, tell.Request);
                break;
            case CoordinatorEffect.Announce announce:
                TellWaiters(new FromSession(new CoordinatorAnswer.Granted(RoastDecider.Status(announce.End)), announce.End));
                break;
            default:
                throw new UnreachableException(effect.GetType().Name);
        }
    }

    protected override void Answer(object message, IReadOnlyList<Verdict<CoordinatorReply>> verdicts, Action<object> tell)
    {
        if (message is ToSession asked)
        {
            if (asked.Waits && verdicts[0] is Verdict<CoordinatorReply>.Granted { Reply: CoordinatorReply.Running })
            {
                _waiters.Add(tell);
            }
            else
            {
                tell(new FromSession(RoastCoordinatorActor.ToAnswer(verdicts[0])));
            }
        }
    }

    protected override bool Rest()
    {
        if (IsOpen && !Timers.IsRunning(_expire))
        {
            Timers.Start(_expire, World.Limits.SessionExpiry, () => Take(_expire));
        }

        return !IsOpen && _asks.IsEmpty;
    }

    protected override void End(JournalException fault, bool isUnknown) =>
        TellWaiters(new FromSession(new CoordinatorAnswer.Failed(fault.Code, fault.IsTransient)));

    private void TellWaiters(FromSession end)
    {
        _waiters.ForEach(tell => tell(end));
        _waiters.Clear();
    }

    private Func<CoordinatorAsked> WithFacts(CoordinatorCommand command) => () => new CoordinatorAsked(command, World.Group.Standing(_session.Group, default));
}
