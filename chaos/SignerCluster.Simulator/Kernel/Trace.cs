using SignerCluster.Simulator.Reporting;

namespace SignerCluster.Simulator.Kernel;

/// <summary>The last notable steps of a world. Details are kept as objects and only turned into text when somebody reads.</summary>
/// <param name="kept">How many.</param>
internal sealed class Trace(Scheduler scheduler, int kept)
{
    private readonly Entry[] _entries = new Entry[kept];
    private long _noted;

    /// <param name="what">A constant.</param>
    internal void Note(string who, string what, object? first = null, object? second = null)
    {
        scheduler.Digest.Add(what);
        _entries[_noted++ % kept] = new Entry(scheduler.Steps, scheduler.Now - Scheduler.Start, who, what, first, second);
    }

    /// <summary>Oldest first.</summary>
    internal IReadOnlyList<string> Read()
    {
        List<string> lines = [];
        for (long number = Math.Max(0, _noted - kept); number < _noted; number++)
        {
            lines.Add(_entries[number % kept].ToString());
        }

        return lines;
    }

    private readonly record struct Entry(int Step, TimeSpan At, string Who, string What, object? First, object? Second)
    {
        public override string ToString() => $"{Step,6} {At.TotalSeconds,10:F3}s {Who,-18} {What} {Wording.Of(First)} {Wording.Of(Second)}".TrimEnd();
    }
}
