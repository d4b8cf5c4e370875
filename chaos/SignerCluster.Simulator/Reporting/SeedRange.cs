using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>
/// Runs seeds on one thread a processor. A seed never leaves its thread, so seeds share nothing but immutable groups. Of a seed that found nothing only its
/// counts and its digest are kept, so that a night's run fits into memory.
/// </summary>
internal sealed class SeedRange(CommandLine line)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, ulong> _digests = [];
    private readonly SortedDictionary<(long Seed, Part Part), SeedReport> _broken = [];
    private readonly PartTotals[] _parts = [.. line.Parts.Select(static part => new PartTotals(part))];
    private long _next = line.First - 1;
    private volatile bool _isStopped;

    internal long Steps => _parts.Sum(static part => part.Steps);

    /// <summary>What was counted in each part that is run.</summary>
    internal IReadOnlyList<PartTotals> Parts => _parts;

    /// <summary>The digest of every seed that was run, over all its parts, by seed.</summary>
    internal IReadOnlyDictionary<long, ulong> Digests => _digests;

    /// <summary>Seeds that found something, in their order.</summary>
    internal IReadOnlyCollection<SeedReport> Broken => _broken.Values;

    /// <summary>Was the run cut short?</summary>
    internal bool IsStopped => _isStopped;

    /// <summary>Runs all seeds.</summary>
    /// <param name="watch">Called now and then meanwhile.</param>
    internal void Run(Action watch)
    {
        Thread[] threads =
            [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new Thread(Work) { IsBackground = true, Name = $"seeds {number}" })];
        Array.ForEach(threads, static thread => thread.Start());
        foreach (Thread thread in threads)
        {
            while (!thread.Join(TimeSpan.FromMilliseconds(200)))
            {
                watch();
            }
        }
    }

    /// <summary>Begins no further seed. False when that was asked for before.</summary>
    internal bool Stop()
    {
        bool isFirst = !_isStopped;
        _isStopped = true;
        return isFirst;
    }

    private void Work()
    {
        while (!_isStopped && !(line.StopsAtFirst && _broken.Count > 0) && Interlocked.Increment(ref _next) is var seed && seed <= line.Last)
        {
            SeedReport[] reports = [.. line.Parts.Select(part => Simulation.Run(line.For(part, seed)))];
            lock (_gate)
            {
                Add(seed, reports);
            }
        }
    }

    private void Add(long seed, SeedReport[] reports)
    {
        Digest digest = new();
        foreach ((SeedReport report, PartTotals part) in reports.Zip(_parts))
        {
            digest.Add(report.Digest);
            part.Add(report);
            if (report.Finding is not null)
            {
                _broken.Add((seed, report.Part), report);
            }
        }

        _digests.Add(seed, reports.Length == 1 ? reports[0].Digest : digest.Value);
    }
}
