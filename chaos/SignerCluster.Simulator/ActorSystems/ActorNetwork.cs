using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>The network between actors. Promises nothing: what is lost is not told to anybody.</summary>
internal sealed class ActorNetwork(World world) : Network(world)
{
    internal override void Disconnect(Incarnation dead)
    {
    }

    internal override void Inject(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
        EntityId to = EntityAddress.Of(seat);
        if (OperatorOf(to).Route(to) is ActorNode { IsServing: true } node)
        {
            Ask(node, new ToSeat(to, seat, requests, Ask: 0), static _ => { });
        }
    }

    /// <summary>A session on a node asks a seat.</summary>
    internal void Send(ActorNode from, ToSeat asked, IActorRef session)
    {
        World.Scheduler.Digest.Add((ulong)asked.Ask);
        World.Checks.SeatAsked(asked.Seat, asked.Requests);
        if (OperatorOf(asked.To).Route(asked.To) is not ActorNode to)
        {
            SeatAnswer[] unroutable = [.. asked.Requests.Select(static _ => new SeatAnswer.Failed("unroutable", IsTransient: true))];
            session.Tell(new FromSeat(asked.Seat, unroutable, asked.Ask), ActorRefs.NoSender);
            return;
        }

        SendOnce(from, to, asked, session);
        if (World.Faults.Happens(FaultKind.RequestDuplicated))
        {
            SendOnce(from, to, asked, session);
        }
    }

    private void SendOnce(ActorNode from, ActorNode to, ToSeat asked, IActorRef session)
    {
        if (IsCut(from, to) || World.Faults.Happens(FaultKind.RequestLost))
        {
            World.Trace.Note(from.Name, "request lost to", to.Name, asked.To);
            return;
        }

        (Incarnation asking, Incarnation life) = (from.Life, to.Life);
        World.Scheduler.PostIn(Delay(FaultKind.RequestDelayed), World.Outside, () =>
        {
            if (life.IsAlive && to.IsServing)
            {
                Ask(to, asked, answer => Return(to, from, asking, answer, session));
            }
        });
    }

    private void Return(ActorNode from, ActorNode to, Incarnation asking, FromSeat answer, IActorRef session)
    {
        bool silent = World.LiarAt(answer.Seat.Seat) is not null && World.Faults.Happens(FaultKind.LieSilence);
        if (silent || IsCut(from, to) || World.Faults.Happens(FaultKind.ReplyLost))
        {
            World.Trace.Note(from.Name, "reply lost to", to.Name, answer.Seat);
            return;
        }

        FromSeat told = World.LiarAt(answer.Seat.Seat) is { } liar ? answer with { Answers = liar.Twist(answer.Answers) } : answer;
        World.Scheduler.PostIn(Delay(FaultKind.ReplyDelayed), asking, () => session.Tell(told, ActorRefs.NoSender));
        World.Crashes.Consider(FaultKind.CrashReplyPending, from);
    }

    private void Ask(ActorNode node, ToSeat asked, Action<FromSeat> leave)
    {
        Incarnation life = node.Life;
        long arrived = node.Owner.Ledger.VersionOf(asked.To);
        DateTimeOffset began = World.Now;
        node.Deliver(asked, new Asker((given, by) =>
        {
            FromSeat answered = (FromSeat)given;
            World.Trace.Note(node.Name, "answers", asked.Requests, answered.Answers);
            World.Checks.SeatAnswered(new SeatExchange(
                node, life, asked.Seat, arrived, asked.Requests, answered.Answers, node.Owner.Ledger.Find(asked.Seat), TurnWatch.Of(began, by?.Loaded)));
            leave(answered);
        }));
    }
}
