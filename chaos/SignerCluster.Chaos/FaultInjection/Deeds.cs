using System.Collections.Concurrent;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>What was done to the cluster, and when.</summary>
internal sealed class Deeds(Action<string> tell)
{
    private readonly ConcurrentQueue<(DateTimeOffset At, int Step, string What)> _done = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private long _firstKillTicks;

    internal IReadOnlyList<string> Failed => [.. _failed];

    /// <summary>When a process was first killed; null when none was.</summary>
    internal DateTimeOffset? FirstKill => Volatile.Read(ref _firstKillTicks) is > 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    internal void Note(Step step, string what)
    {
        _done.Enqueue((DateTimeOffset.UtcNow, step.Number, what));
        tell($"{step.Word}: {what}");
    }

    internal void NoteKill() => Interlocked.CompareExchange(ref _firstKillTicks, DateTimeOffset.UtcNow.UtcTicks, 0);

    internal void NoteFailure(Step step, string why)
    {
        _failed.Enqueue($"{step.Word} (step {step.Number}): {why}");
        tell($"{step.Word} failed: {why}");
    }

    /// <summary>How often a step was done.</summary>
    internal int CountOf(Step step) => _done.Count(done => done.Step == step.Number);

    internal int Count => _done.Count;
}
