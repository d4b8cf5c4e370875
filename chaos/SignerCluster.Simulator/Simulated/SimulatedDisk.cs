using SignerCluster.Journal;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// An operator's store: the production journal in memory, behind a disk that is slow and fails. Every operation is a request, an application to the
/// store and a completion, each a step of its own, so that a crash falls between any two of them.
/// </summary>
internal sealed class SimulatedDisk(World world, Operator owner)
{
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(EntityId Id, long After, Guid Writer), IReadOnlyList<JournalEntry>> _plain = [];

    internal MemoryJournal Journal { get; } = new();

    /// <summary>The rows of an entity as they are stored, also where they are damaged.</summary>
    internal JournalRow[] Rows(EntityId id) => [.. AllRows().Where(stored => stored.PersistenceId == id.ToString()).Select(static stored => stored.Row)];

    /// <summary>Every row as it is stored, in the order of commits.</summary>
    internal IReadOnlyList<StoredRow> AllRows() => Done(Journal.ReadAllAsync(0, int.MaxValue, CancellationToken.None));

    /// <summary>A sealed append is on its way; this is what it says. A writer has one append of an entity under way at a time.</summary>
    internal void Expect(JournalAppend plain) => _plain[(plain.Id, plain.ExpectedVersion, plain.Writer)] = plain.Entries;

    internal Task<AppendOutcome> AppendAsync(Node node, JournalAppend append)
    {
        TaskCompletionSource<AppendOutcome> completion = new();
        Incarnation life = node.Life;
        SynchronizationContext? asker = SynchronizationContext.Current;
        // To a store over a network an append may be on its way although its node is dead.
        Incarnation carrier = world.Faults.Happens(FaultKind.AppendOutlivesItsNode) ? world.Outside : life;
        world.Scheduler.PostIn(Delay(), carrier, () => Apply(node, append, outcome => Complete(life, asker, () => completion.SetResult(outcome))));
        world.Crashes.Consider(FaultKind.CrashAppendRequested, node);
        return completion.Task;
    }

    /// <summary>Reads see the store at one moment between the request and its completion.</summary>
    internal Task<T> ReadAsync<T>(Node node, Func<MemoryJournal, ValueTask<T>> read)
    {
        TaskCompletionSource<T> completion = new();
        Incarnation life = node.Life;
        SynchronizationContext? asker = SynchronizationContext.Current;
        world.Scheduler.PostIn(Delay(), life, () =>
        {
            if (world.Faults.Happens(FaultKind.ReadFailed))
            {
                Complete(life, asker, () => completion.SetException(Fault("storage_unavailable", "The disk does not answer.")));
                return;
            }

            // Nothing to wait for in memory: the task is complete when it is returned.
            Task<T> done = CarryOutAsync(read);
            Complete(life, asker, () => completion.SetFromTask(done));
        });
        world.Crashes.Consider(FaultKind.CrashWhileLoading, node);
        return completion.Task;
    }

#pragma warning disable VSTHRD002 // In memory there is nothing to wait for.
    private static T Done<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002

    private static JournalException Fault(string code, string message) => new(code, message, isTransient: true);

    private async Task<T> CarryOutAsync<T>(Func<MemoryJournal, ValueTask<T>> read) => await read(Journal);

    private void Apply(Node node, JournalAppend append, Action<AppendOutcome> complete)
    {
        AppendOutcome outcome = Decide(node, append);
        if (outcome is AppendOutcome.Unknown)
        {
            world.Checks.OutcomeUnknown(node, append);
        }

        complete(outcome);
        if (outcome is AppendOutcome.Appended)
        {
            world.Crashes.Consider(FaultKind.CrashAppendApplied, node);
        }
    }

    private AppendOutcome Decide(Node node, JournalAppend append)
    {
        if (world.Faults.Happens(FaultKind.AppendNotWritten))
        {
            world.Trace.Note(node.Name, "append not written", append.Id);
            return new AppendOutcome.NotWritten(Fault("disk_full", "The disk is full."));
        }

        if (world.Faults.Happens(FaultKind.AppendUnknownAndNotWritten))
        {
            world.Trace.Note(node.Name, "append unknown, not written", append.Id);
            return new AppendOutcome.Unknown(Fault("connection_lost", "The connection broke during the commit."));
        }

        AppendOutcome outcome = Write(node, append);
        return outcome is AppendOutcome.Appended && world.Faults.Happens(FaultKind.AppendUnknownAndWritten)
            ? new AppendOutcome.Unknown(Fault("connection_lost", "The connection broke during the commit."))
            : outcome;
    }

    private AppendOutcome Write(Node node, JournalAppend append)
    {
        AppendOutcome outcome = Done(Journal.AppendAsync(append));
        if (outcome is not AppendOutcome.Appended)
        {
            world.Trace.Note(node.Name, outcome is AppendOutcome.StaleKeyEpoch ? "append sealed under a stale key" : "append lost a race", append.Id);
            return outcome;
        }

        foreach (JournalEntry entry in append.Entries)
        {
            world.Scheduler.Digest.Add(entry.Message.Span);
            world.Coverage.Count(entry.Manifest);
        }

        IReadOnlyList<JournalEntry> plain = append.Id.Kind == EntityKind.KeyRing ? append.Entries : _plain[(append.Id, append.ExpectedVersion, append.Writer)];
        world.Checks.Stored(owner, append, plain);
        Commit(node, append with { Entries = plain });
        return outcome;
    }

    private void Commit(Node node, JournalAppend append)
    {
        switch (append.Id.Kind)
        {
            case EntityKind.SigningSession:
                SigningSessionEvent[] seat = [.. append.Entries.Select(static entry => SigningSessionCodec.Events.Decode(entry.Manifest, entry.Message.Span))];
                world.Trace.Note(node.Name, "wrote", append.Id, seat);
                world.Checks.Committed(owner, EntityAddress.ToSeat(append.Id), append.Id, seat);
                break;
            case EntityKind.RoastCoordinator:
                RoastEvent[] session = [.. append.Entries.Select(static entry => RoastCodec.Events.Decode(entry.Manifest, entry.Message.Span))];
                world.Trace.Note(node.Name, "wrote", append.Id, session);
                world.Checks.Committed(owner, EntityAddress.ToCoordinator(append.Id), append.Id, session);
                break;
            case EntityKind.Guardian:
                GuardianEvent[] guardian = [.. append.Entries.Select(static entry => GuardianCodec.Events.Decode(entry.Manifest, entry.Message.Span))];
                world.Trace.Note(node.Name, "wrote", append.Id, string.Join(" + ", guardian.Select(static @event => @event.ToString())));
                world.Checks.Committed(owner, EntityAddress.ToGuardian(append.Id), guardian);
                break;
            case EntityKind.CovenantJob:
                JobEvent[] job = [.. append.Entries.Select(static entry => CovenantJobCodec.Events.Decode(entry.Manifest, entry.Message.Span))];
                world.Trace.Note(node.Name, "wrote", append.Id, job);
                world.Checks.Committed(owner, EntityAddress.ToJob(append.Id), append.Id, job);
                break;
            default:
                world.Trace.Note(node.Name, "wrote", append.Id, string.Join(" + ", append.Entries.Select(static entry => entry.Manifest)));
                break;
        }
    }

    /// <summary>Who asked goes on where it asked: entities that are actors do so in no context, as in a real process.</summary>
    private void Complete(Incarnation life, SynchronizationContext? asker, Action completion) => world.Scheduler.PostIn(Delay(), life, () =>
    {
        SynchronizationContext.SetSynchronizationContext(asker);
        completion();
    });

    private TimeSpan Delay() =>
        world.Faults.Happens(FaultKind.DiskSlow)
            ? world.Faults.Details(FaultKind.DiskSlow).Between(TimeSpan.FromMilliseconds(1), _longestDelay)
            : TimeSpan.Zero;
}
