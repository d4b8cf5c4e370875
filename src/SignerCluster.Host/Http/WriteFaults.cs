using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Http;

/// <summary>
/// Which journals of this process cannot be written, and why. Looked for about once a second, however often it is asked, because looking writes and everybody
/// may ask.
/// </summary>
internal sealed class WriteFaults(IReadOnlyList<KeptJournal> journals, TimeProvider time)
{
    private static readonly TimeSpan _freshness = TimeSpan.FromSeconds(1);
    private volatile Look? _last;

    /// <summary>By the name of the journal. Throws <see cref="OperationCanceledException"/> while a disk keeps the answer back.</summary>
    public Task<IReadOnlyDictionary<string, JournalException>> AskAsync(CancellationToken cancellation)
    {
        Look? last = _last;
        if (last is null || (last.Found.IsCompleted && time.GetElapsedTime(last.At) >= _freshness))
        {
            _last = last = new Look(time.GetTimestamp(), Task.Run(LookAsync, CancellationToken.None));
        }

        return last.Found.WaitAsync(cancellation);
    }

    private async Task<IReadOnlyDictionary<string, JournalException>> LookAsync()
    {
        Dictionary<string, JournalException> faults = new(StringComparer.Ordinal);
        foreach (KeptJournal kept in journals)
        {
            if (kept.Store is IWriteProbe probe && await probe.FindWriteFaultAsync(CancellationToken.None) is { } fault)
            {
                faults[kept.Name] = fault;
            }
        }

        return faults;
    }

    private sealed record Look(long At, Task<IReadOnlyDictionary<string, JournalException>> Found);
}
