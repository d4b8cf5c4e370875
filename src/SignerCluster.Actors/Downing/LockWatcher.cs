using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// Looks at the locks of the cluster's nodes again and again, and downs the members that <see cref="LockHistory"/> finds dead. Never blocks: looks and dials
/// are answered by messages, one at a time. Takes its own node out when it hears that another has put it out: one that was frozen would else find all the
/// others unreachable, down them, and go on as a cluster of its own.
/// </summary>
internal sealed class LockWatcher : UntypedActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DeadNodes _dead = DeadNodes.Of(Context.System);
    private readonly INodeLocks _locks;
    private readonly DowningSettings _settings;
    private readonly Cluster _cluster;
    private LockHistory _history = LockHistory.Nothing;
    private bool _isBlind;

    private LockWatcher(NodeLocksSetup setup, Cluster cluster) => (_locks, _settings, _cluster) = (setup.Locks, setup.Settings, cluster);

    public ITimerScheduler Timers { get; set; } = null!;

    internal static Props Props(NodeLocksSetup setup, Cluster cluster) =>
        Akka.Actor.Props.CreateBy(new Produced<LockWatcher>(() => new LockWatcher(setup, cluster)));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Self.Tell(Look.Instance);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Look:
                _dead.KeepOnly(_cluster.State.Members.Select(static member => member.UniqueAddress));
                _ = ObserveAsync(_history).PipeTo(Self, failure: static fault => new Unseen(fault));
                break;
            case Seen seen:
                Take(seen);
                LookAgainAfter(_settings.LookInterval);
                break;
            case Unseen unseen:
                Forget(unseen.Fault);
                LookAgainAfter(_settings.PauseAfterFault);
                break;
            case ThisActorSystemQuarantinedEvent quarantined:
                _log.Warning("The node {Node} has put this one out of the cluster. It ends.", quarantined.RemoteAddress);
                _cluster.Down(_cluster.SelfAddress);
                break;
        }
    }

    private async Task<Seen> ObserveAsync(LockHistory before)
    {
        using CancellationTokenSource limit = new(_settings.LookLimit);
        NodeLocksView view = await _locks.LookAsync(_cluster.SelfUniqueAddress.Uid, limit.Token);

        UniqueAddress[] members = [.. _cluster.State.Members.Select(static member => member.UniqueAddress)];
        LockHistory history = before.After(view, members.Select(static member => member.Uid).ToHashSet());
        UniqueAddress[] asked = [.. members.Where(member => history.IsDueForDial(member.Uid) && !_dead.Contains(member))];
        bool[] refusals = await Task.WhenAll(asked.Select(member => MemberPort.RefusesAsync(member.Address, _settings.DialLimit)));
        return new Seen(history, [.. asked.Where((member, place) => history.IsDead(member.Uid, refusals[place]))]);
    }

    private void Take(Seen seen)
    {
        if (_isBlind)
        {
            _isBlind = false;
            _log.Warning("The locks of the cluster's nodes can be seen again; what was seen before is forgotten.");
        }

        _history = seen.History;
        foreach (UniqueAddress dead in seen.Dead)
        {
            Declare(dead);
        }
    }

    private void Declare(UniqueAddress dead)
    {
        // Members are downed by their address, and that may be another incarnation's by now.
        if (_cluster.State.Members.FirstOrDefault(member => member.UniqueAddress.Equals(dead)) is not { } member)
        {
            return;
        }

        _log.Warning("The node {Node} is dead: its lock at the database has gone and its port refuses. It is downed.", dead);
        _dead.Declare(dead);
        if (member.Status != MemberStatus.Down)
        {
            _cluster.Down(dead.Address);
        }
    }

    private void Forget(Exception fault)
    {
        _history = LockHistory.Nothing;
        if (!_isBlind)
        {
            _isBlind = true;
            _log.Warning(
                "The locks of the cluster's nodes cannot be seen ({Fault}). Until they can, dead nodes are found by missing heartbeats.", fault.Message);
        }
    }

    private void LookAgainAfter(TimeSpan pause) => Timers.StartSingleTimer(Look.Instance, Look.Instance, pause);

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }

    private sealed record Seen(LockHistory History, IReadOnlyList<UniqueAddress> Dead);

    private sealed record Unseen(Exception Fault);
}
