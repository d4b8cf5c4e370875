using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// What is between the nodes: loses, repeats, delays, reorders, cuts off, and now and then delivers to the wrong one of two nodes that share a store. What is
/// lost is not told to anybody. The checkers are told what an entity answers in the step in which it answers; behind that, a liar's operator lies.
/// </summary>
internal sealed class Network(World world)
{
    private static readonly TimeSpan _shortestDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(8);
    private readonly HashSet<(Node From, Node To)> _cut = [];

    internal void Cut(Node from, Node to) => _cut.Add((from, to));

    internal void Heal(Node from, Node to) => _cut.Remove((from, to));

    internal void HealAll() => _cut.Clear();

    /// <summary>A message that no node of the world sent; nobody waits for its answer.</summary>
    internal void Inject(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
        ToSeat asked = new(EntityAddress.Of(seat), seat, requests, Ask: 0);
        if (OperatorOf(seat).Route(asked.To) is { } to)
        {
            Deliver(TimeSpan.Zero, to, () => Ask(to, asked, static _ => { }));
        }
    }

    /// <summary>A client asks a session, on whatever node it is; false when none runs.</summary>
    internal bool TryAsk(ToSession asked, Action<CoordinatorAnswer> take)
    {
        Node? to = world.Coordination.Route(asked.To);
        if (to is not null)
        {
            Deliver(TimeSpan.Zero, to, () => Ask(to, asked, take));
        }

        return to is not null;
    }

    /// <summary>Somebody asks the coordinator's guardian; false when none runs.</summary>
    internal bool TryAsk(ToGuardian asked, Action<GuardianAnswer> take)
    {
        Node? to = world.Coordination.Route(asked.To);
        if (to is not null)
        {
            Deliver(TimeSpan.Zero, to, () => to.Give(asked, (given, _) => take(((FromGuardian)given).Answer)));
        }

        return to is not null;
    }

    /// <summary>An orchestrator asks a covenant job, on whatever node it is; false when none runs.</summary>
    internal bool TryAsk(ToJob asked, Action<JobAnswer> take)
    {
        Node? to = world.Coordination.Route(asked.To);
        if (to is not null)
        {
            Deliver(TimeSpan.Zero, to, () => Ask(to, asked, take));
        }

        return to is not null;
    }

    /// <summary>The coordinator's guardian on a node tells a seat's guardian.</summary>
    internal void Send(Node from, ToGuardian told, Action<FromGuardian> take)
    {
        Operator owner = world.Operators[told.Guardian.Seat!.Value.Value];
        if (owner.Route(told.To) is not { } to)
        {
            world.Scheduler.Post(from.Life, () => take(new FromGuardian(new GuardianAnswer.Failed("unroutable", IsTransient: true), told.Ask)));
            return;
        }

        SendOnce(from, to, told, take);
        if (world.Faults.Happens(FaultKind.RequestDuplicated))
        {
            SendOnce(from, to, told, take);
        }
    }

    private void SendOnce(Node from, Node to, ToGuardian told, Action<FromGuardian> take)
    {
        if (IsCut(from, to) || world.Faults.Happens(FaultKind.RequestLost))
        {
            return;
        }

        Incarnation asking = from.Life;
        Deliver(Delay(FaultKind.RequestDelayed), to, () => to.Give(told, (given, _) =>
        {
            if (!IsCut(from, to) && !world.Faults.Happens(FaultKind.ReplyLost))
            {
                world.Scheduler.PostIn(Delay(FaultKind.ReplyDelayed), asking, () => take((FromGuardian)given));
            }
        }));
    }

    /// <summary>A session on a node asks a seat.</summary>
    internal void Send(Node from, ToSeat asked, Action<FromSeat> take)
    {
        world.Scheduler.Digest.Add((ulong)asked.Ask);
        world.Checks.SeatAsked(asked.Seat, asked.Requests);
        if (OperatorOf(asked.Seat).Route(asked.To) is not { } to)
        {
            SeatAnswer[] unroutable = [.. asked.Requests.Select(static _ => new SeatAnswer.Failed("unroutable", IsTransient: true))];
            world.Scheduler.Post(from.Life, () => take(new FromSeat(asked.Seat, unroutable, asked.Ask)));
            return;
        }

        SendOnce(from, to, asked, take);
        if (world.Faults.Happens(FaultKind.RequestDuplicated))
        {
            SendOnce(from, to, asked, take);
        }
    }

    private void SendOnce(Node from, Node to, ToSeat asked, Action<FromSeat> take)
    {
        if (IsCut(from, to) || world.Faults.Happens(FaultKind.RequestLost))
        {
            world.Trace.Note(from.Name, "request lost to", to.Name, asked.To);
            return;
        }

        Incarnation asking = from.Life;
        Deliver(Delay(FaultKind.RequestDelayed), to, () => Ask(to, asked, answer => Return(to, from, asking, answer, take)));
    }

    private void Return(Node from, Node to, Incarnation asking, FromSeat answer, Action<FromSeat> take)
    {
        Liar? liar = world.LiarAt(answer.Seat.Seat);
        bool silent = liar is not null && world.Faults.Happens(FaultKind.LieSilence);
        if (silent || IsCut(from, to) || world.Faults.Happens(FaultKind.ReplyLost))
        {
            world.Trace.Note(from.Name, "reply lost to", to.Name, answer.Seat);
            return;
        }

        FromSeat told = liar is null ? answer : answer with { Answers = liar.Twist(answer.Answers) };
        world.Scheduler.PostIn(Delay(FaultKind.ReplyDelayed), asking, () => take(told));
        world.Crashes.Consider(FaultKind.CrashReplyPending, from);
    }

    private void Ask(Node node, ToSeat asked, Action<FromSeat> take)
    {
        Incarnation life = node.Life;
        long arrived = node.Owner.Ledger.VersionOf(asked.To);
        node.Give(asked, (given, turn) =>
        {
            FromSeat answered = (FromSeat)given;
            world.Trace.Note(node.Name, "answers", asked.Requests, answered.Answers);
            world.Checks.SeatAnswered(new SeatExchange(
                node, life, asked.Seat, arrived, asked.Requests, answered.Answers, node.Owner.Ledger.Find(asked.Seat), turn));
            take(answered);
        });
    }

    private void Ask(Node node, ToSession asked, Action<CoordinatorAnswer> take)
    {
        long arrived = node.Owner.Ledger.VersionOf(asked.To);
        node.Give(asked, (given, turn) =>
        {
            FromSession answered = (FromSession)given;
            world.Trace.Note(node.Name, "answers", asked.Command, answered.Answer);
            world.Checks.SessionAnswered(new SessionExchange(
                node, asked.Session, arrived, asked.Command, answered.Answer, node.Owner.Ledger.Find(asked.Session), turn));
            if (answered.End is { } end)
            {
                world.Checks.Announced(asked.Session, RoastDecider.Status(end));
            }

            take(answered.Answer);
        });
    }

    private void Ask(Node node, ToJob asked, Action<JobAnswer> take)
    {
        long arrived = node.Owner.Ledger.VersionOf(asked.To);
        node.Give(asked, (given, turn) =>
        {
            JobAnswer answer = ((FromJob)given).Answer;
            world.Trace.Note(node.Name, "answers", asked.Command, answer);
            world.Checks.JobAnswered(new JobExchange(node, asked.Job, arrived, asked.Command, answer, node.Owner.Ledger.Find(asked.Job), turn));
            take(answer);
        });
    }

    /// <summary>Runs in the life of the node that it has now, if that can take requests by then.</summary>
    private void Deliver(TimeSpan delay, Node to, Action give) => world.Scheduler.PostIn(delay, to.Life, () =>
    {
        if (to.IsServing)
        {
            give();
        }
    });

    private bool IsCut(Node from, Node to) => _cut.Contains((from, to));

    private Operator OperatorOf(SeatAddress seat) => world.Operators[seat.Seat.Value];

    private TimeSpan Delay(FaultKind kind) => world.Faults.Happens(kind) ? world.Faults.Details(kind).Between(_shortestDelay, _longestDelay) : TimeSpan.Zero;
}
