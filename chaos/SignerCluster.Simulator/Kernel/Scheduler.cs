using System.Diagnostics.CodeAnalysis;

namespace SignerCluster.Simulator.Kernel;

/// <summary>
/// The one thread of a simulated world. Holds what could run now and what is to run at a later time; a step runs one of the former, chosen by the
/// seed. When nothing can run, time moves to the next thing that is to run later.
/// </summary>
internal sealed class Scheduler
{
    private readonly Choices _choices;
    private readonly int _outOfOrderPerMille;
    private readonly List<WorkItem> _ready = [];
    private readonly PriorityQueue<WorkItem, (long Due, long Number)> _later = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _numbered;
    private string? _intruder;

    /// <param name="outOfOrderPerMille">How often a step takes any item instead of the oldest.</param>
    internal Scheduler(Choices choices, int outOfOrderPerMille)
    {
        _choices = choices;
        _outOfOrderPerMille = outOfOrderPerMille;
    }

    internal static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal DateTimeOffset Now { get; private set; } = Start;

    /// <summary>Items that were run.</summary>
    internal int Steps { get; private set; }

    internal Digest Digest { get; } = new();

    internal bool HasReady => _ready.Count > 0;

    /// <summary>Where in the product something was posted from a thread that is not the simulation's; null while nothing was.</summary>
    internal string? Intruder => Volatile.Read(ref _intruder);

    internal void Post(Incarnation owner, SendOrPostCallback run, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Volatile.Write(ref _intruder, Environment.StackTrace);
            return;
        }

        _ready.Add(new WorkItem(owner, run, state));
    }

    internal void Post(Incarnation owner, Action run) => Post(owner, static run => ((Action)run!)(), run);

    internal void PostIn(TimeSpan delay, Incarnation owner, Action run) => PostIn(delay, owner, static run => ((Action)run!)(), run);

    internal void PostIn(TimeSpan delay, Incarnation owner, SendOrPostCallback run, object? state)
    {
        if (delay <= TimeSpan.Zero)
        {
            Post(owner, run, state);
        }
        else if (Environment.CurrentManagedThreadId == _thread)
        {
            _later.Enqueue(new WorkItem(owner, run, state), ((Now + delay).UtcTicks, _numbered++));
        }
        else
        {
            Volatile.Write(ref _intruder, Environment.StackTrace);
        }
    }

    /// <summary>Makes the next thing of later ready although others are: the clock does not wait for a busy machine.</summary>
    internal void HurryClock()
    {
        if (_later.TryDequeue(out WorkItem item, out (long Due, long Number) when))
        {
            Now = new DateTimeOffset(Math.Max(when.Due, Now.UtcTicks), TimeSpan.Zero);
            _ready.Add(item);
        }
    }

    /// <summary>Runs one item of a living incarnation; false when there is none, now or later.</summary>
    internal bool Step()
    {
        while (TryTake(out WorkItem item))
        {
            if (!item.Owner.IsAlive)
            {
                continue;
            }

            Steps++;
            Digest.Add(item.Owner.Label ^ (ulong)Now.UtcTicks);
            SynchronizationContext.SetSynchronizationContext(item.Owner);
            item.Run(item.State);
            return true;
        }

        return false;
    }

    [SuppressMessage("Performance", "CA1822", Justification = "The context that it clears is this scheduler's.")]
    internal void LeaveContext() => SynchronizationContext.SetSynchronizationContext(null);

    private bool TryTake(out WorkItem item)
    {
        if (_ready.Count == 0)
        {
            HurryClock();
        }

        item = default;
        if (_ready.Count == 0)
        {
            return false;
        }

        int index = _choices.PerMille(_outOfOrderPerMille) ? _choices.Below(_ready.Count) : 0;
        item = _ready[index];
        _ready.RemoveAt(index);
        return true;
    }

    private readonly record struct WorkItem(Incarnation Owner, SendOrPostCallback Run, object? State);
}
