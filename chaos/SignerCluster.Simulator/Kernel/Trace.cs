namespace SignerCluster.Simulator;

/// <summary>The last notable steps of a world. Details are kept as objects and only turned into text when somebody reads.</summary>
internal sealed class Trace(Scheduler scheduler)
{
    private const int Kept = 160;
    private readonly Entry[] _entries = new Entry[Kept];
    private long _noted;

    /// <param name="what">A constant.</param>
    internal void Note(string who, string what, object? first = null, object? second = null)
    {
        scheduler.Digest.Add(what);
        _entries[_noted++ % Kept] = new Entry(scheduler.Steps, scheduler.Now - Scheduler.Start, who, what, first, second);
    }

    /// <summary>Oldest first.</summary>
    internal IReadOnlyList<string> Read()
    {
        List<string> lines = [];
        for (long number = Math.Max(0, _noted - Kept); number < _noted; number++)
        {
            lines.Add(_entries[number % Kept].ToString());
        }

        return lines;
    }

    private readonly record struct Entry(int Step, TimeSpan At, string Who, string What, object? First, object? Second)
    {
        public override string ToString() => $"{Step,6} {At.TotalSeconds,10:F3}s {Who,-18} {What} {Wording.Of(First)} {Wording.Of(Second)}".TrimEnd();
    }
}
