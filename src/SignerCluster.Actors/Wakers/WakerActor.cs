using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Wakers;

/// <summary>
/// Tells the open entities of one kind to go on: all of them when it starts, at a limited rate, and again after every period, for those whose activation ended
/// with something owed. When a node goes away, its entities do not wait for that: all are told at once, and again a few times, because what is said to a shard
/// that still counts as that node's is lost. An entity that is in memory does nothing when it is told.
/// </summary>
public sealed class WakerActor : UntypedActor, IWithTimers
{
    private const int HurriedLooks = 4;
    private static readonly TimeSpan _hurriedPause = TimeSpan.FromMilliseconds(300);
    private readonly WakerParts _parts;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IAsyncEnumerator<EntityId>? _open;
    private bool _isReading;
    private int _hurried;

    private WakerActor(WakerParts parts) => _parts = parts;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(WakerParts parts) => Akka.Actor.Props.CreateBy(new Produced<WakerActor>(() => new WakerActor(parts)));

    protected override void PreStart()
    {
        if (_parts.WatchesNodes)
        {
            Cluster.Get(Context.System).Subscribe(Self, typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved));
        }

        Self.Tell(Look.Instance);
    }

    protected override void PostStop()
    {
        if (_parts.WatchesNodes)
        {
            Cluster.Get(Context.System).Unsubscribe(Self);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Look when !_isReading:
                _open ??= _parts.ListOpen().GetAsyncEnumerator();
                _isReading = true;
                _ = ReadPageAsync(_open, _parts.Settings.PageLength).PipeTo(Self, failure: static fault => new Unreadable(fault));
                break;
            case Page page:
                _isReading = false;
                Wake(page);
                break;
            case Unreadable unreadable:
                _isReading = false;
                _log.Warning("Open sessions cannot be listed ({Fault}); trying again.", unreadable.Fault.Message);
                LookAgainAfter(_parts.Settings.Period);
                break;
            case ClusterEvent.MemberDowned or ClusterEvent.MemberRemoved:
                _hurried = HurriedLooks;
                LookAgainAfter(TimeSpan.Zero);
                break;
            case Stop:
                Context.Stop(Self);
                break;
        }
    }

    private static async Task<Page> ReadPageAsync(IAsyncEnumerator<EntityId> open, int length)
    {
        List<EntityId> page = [];
        while (page.Count < length && await open.MoveNextAsync())
        {
            page.Add(open.Current);
        }

        return new Page(page, IsLast: page.Count < length);
    }

    private void Wake(Page page)
    {
        foreach (EntityId id in page.Open)
        {
            _parts.Region.Tell(new Wake(id));
        }

        if (!page.IsLast)
        {
            Timers.StartSingleTimer(Look.Instance, Look.Instance, _hurried > 0 ? TimeSpan.Zero : _parts.Settings.PagePause);
        }
        else
        {
            LookAgainAfter(_hurried > 0 ? _hurriedPause : _parts.Settings.Period);
            _hurried = Math.Max(0, _hurried - 1);
        }
    }

    private void LookAgainAfter(TimeSpan pause)
    {
        _open = null;
        Timers.StartSingleTimer(Look.Instance, Look.Instance, pause);
    }

    private sealed record Look
    {
        internal static Look Instance { get; } = new();
    }

    private sealed record Page(IReadOnlyList<EntityId> Open, bool IsLast);

    private sealed record Unreadable(Exception Fault);
}

/// <summary>What a waker works with.</summary>
/// <param name="ListOpen">The open entities of one kind, as the journal's index has them. May throw <see cref="JournalException"/>.</param>
/// <param name="Region">Where those entities are.</param>
/// <param name="WatchesNodes">Is it one node's of several, and has to know when another goes away?</param>
public sealed record WakerParts(Func<IAsyncEnumerable<EntityId>> ListOpen, IActorRef Region, WakerSettings Settings, bool WatchesNodes = false);

/// <summary>How fast open entities are told to go on.</summary>
public sealed record WakerSettings
{
    /// <summary>Between two walks through what is open; positive.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Entities told at once; at least 1.</summary>
    public int PageLength { get; init; } = 256;

    /// <summary>After each such page; positive.</summary>
    public TimeSpan PagePause { get; init; } = TimeSpan.FromMilliseconds(100);
}
