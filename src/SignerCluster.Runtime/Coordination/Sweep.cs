using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Coordination;

/// <summary>
/// Wakes open entities that nobody works on, mostly because their node went away. It does not know which node worked on what: an entity whose last row stays
/// the same for a while is asked, through the engine, and whichever node the engine finds for it takes it up from the journal. One that is merely slow is asked
/// once more for nothing, and from then on less and less often, until some node goes away: then all that stand still are asked at once.
/// </summary>
public sealed partial class Sweep(
    IJournal journal, string kind, Func<EntityId, CancellationToken, ValueTask> wake, SweepSettings settings, TimeProvider time, ILogger<Sweep> log)
{
    private readonly Dictionary<EntityId, Sighting> _seen = [];
    private bool _isHurried;

    /// <summary>
    /// Some node went away: the next look asks every entity that has not moved since the one before, however long it was to be left alone, and the one after
    /// that those that moved no more. From any thread; without effect on what is being looked at now.
    /// </summary>
    public void Hurry() => Volatile.Write(ref _isHurried, true);

    /// <summary>
    /// Looks until it is cancelled, at first hurried, since who begins mostly follows one that went away. A journal that cannot be read is said once and looked
    /// at again. Run by one node at a time, for the load's sake; two would do no harm.
    /// </summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _seen.Clear();
        Hurry();
        bool isDown = false;
        while (!stopping.IsCancellationRequested)
        {
            long begun = time.GetTimestamp();
            try
            {
                await LookAsync(stopping);
                isDown = false;
            }
            catch (JournalException fault)
            {
                LogUnreadable(isDown ? LogLevel.Debug : LogLevel.Warning, kind, fault.Code);
                isDown = true;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            // A journal that takes long to list is not asked to do it all the time.
            TimeSpan took = time.GetElapsedTime(begun);
            await Task.Delay(settings.Period > 4 * took ? settings.Period : 4 * took, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One look: wakes what has not moved since the one before. Returns how many those were.</summary>
    internal async ValueTask<int> LookAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Sighting first = Interlocked.Exchange(ref _isHurried, false) ? ForgetPauses(now) : new Sighting(0, now + settings.StillFor, settings.StillFor);
        HashSet<EntityId> open = [];
        List<EntityId> still = [];
        await foreach ((EntityId id, long version) in journal.ListOpenAsync(kind, cancellation))
        {
            open.Add(id);
            if (IsDue(id, version, first, now))
            {
                still.Add(id);
            }
        }

        foreach (EntityId gone in _seen.Keys.Where(seen => !open.Contains(seen)).ToArray())
        {
            _seen.Remove(gone);
        }

        await Parallel.ForEachAsync(still, new ParallelOptions { MaxDegreeOfParallelism = settings.WakesAtOnce, CancellationToken = cancellation }, WakeAsync);
        return still.Count;
    }

    /// <summary>All that were seen are due. Returns what becomes of those that move in this look, or come with it.</summary>
    private Sighting ForgetPauses(DateTimeOffset now)
    {
        // Asked once more soon, in case the engine has not noticed yet that the node is gone.
        Sighting due = new(0, now, settings.StillFor / 2);
        foreach ((EntityId id, Sighting seen) in _seen)
        {
            _seen[id] = due with { Version = seen.Version };
        }

        return due;
    }

    private bool IsDue(EntityId id, long version, Sighting first, DateTimeOffset now)
    {
        if (!_seen.TryGetValue(id, out Sighting seen) || seen.Version != version)
        {
            _seen[id] = first with { Version = version };
            return false;
        }

        if (now < seen.Due)
        {
            return false;
        }

        TimeSpan pause = seen.Pause * 2 < settings.LongestPause ? seen.Pause * 2 : settings.LongestPause;
        _seen[id] = new Sighting(version, now + pause, pause);
        return true;
    }

    private async ValueTask WakeAsync(EntityId id, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = new(settings.WakePatience, time);
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await wake(id, waiting.Token);
        }
        catch (EngineException lost)
        {
            LogNotWoken(id, lost.Code);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            LogNotWoken(id, "no_answer");
        }
    }

    /// <summary>What an entity's last row was, and when to ask it if that stays so.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sighting(long Version, DateTimeOffset Due, TimeSpan Pause);
}

/// <summary>How often open entities are looked at.</summary>
public sealed record SweepSettings
{
    /// <summary>Between two looks; positive.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long an entity stands still before it is asked; not negative. On a busy machine sessions stand still for some time while they are worked on, and to
    /// ask them then makes it busier.
    /// </summary>
    public TimeSpan StillFor { get; init; } = TimeSpan.FromMilliseconds(750);

    /// <summary>An entity that goes on standing still is asked after twice the pause before, but not later than after this.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one that is asked may take to answer before it is left for the next time.</summary>
    public TimeSpan WakePatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Entities asked at once.</summary>
    public int WakesAtOnce { get; init; } = 32;
}
