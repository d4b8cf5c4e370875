using SignerCluster.Simulator.Faults;
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
    private readonly SortedDictionary<long, SeedReport> _broken = [];
    private readonly long[] _faults = new long[FaultNames.All.Count];
    private long _next = line.First - 1;
    private volatile bool _isStopped;

    internal long Steps { get; private set; }

    /// <summary>The digest of every seed that was run, by seed.</summary>
    internal IReadOnlyDictionary<long, ulong> Digests => _digests;

    /// <summary>Seeds that found something, in their order.</summary>
    internal IReadOnlyCollection<SeedReport> Broken => _broken.Values;

    /// <summary>Was the run cut short?</summary>
    internal bool IsStopped => _isStopped;

    internal Coverage Coverage { get; } = new();

    /// <summary>How often a kind happened in all seeds.</summary>
    internal long Count(FaultKind kind) => _faults[(int)kind];

    /// <summary>Runs all seeds.</summary>
    /// <param name="watch">Called now and then meanwhile.</param>
    internal void Run(Action watch)
    {
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new Thread(Work) { IsBackground = true, Name = $"seeds {number}" })];
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
            SeedReport report = Simulation.Run(line.For(seed));
            lock (_gate)
            {
                Add(report);
            }
        }
    }

    private void Add(SeedReport report)
    {
        Steps += report.Steps;
        _digests.Add(report.Seed, report.Digest);
        Coverage.Add(report.Coverage);
        foreach (FaultKind kind in FaultNames.All)
        {
            _faults[(int)kind] += report.Faults[(int)kind];
        }

        if (report.Finding is not null)
        {
            _broken.Add(report.Seed, report);
        }
    }
}
