using System.Runtime.CompilerServices;
using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Simulator.Simulated;

/// <summary>What one node has open of its operator's store.</summary>
internal sealed class DiskConnection(SimulatedDisk disk, Node node) : IJournalStore
{
    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        return await disk.AppendAsync(node, append);
    }

    public async ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        await disk.ReadAsync(node, journal => journal.ReadAsync(id, afterSequenceNumber, CancellationToken.None));

    public async ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) =>
        await disk.ReadAsync(node, journal => journal.ReadVersionAsync(id, CancellationToken.None));

    public async ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) =>
        await disk.ReadAsync(node, static journal => journal.ReadKeyEpochAsync(CancellationToken.None));

    public async ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
        await disk.ReadAsync(node, journal => journal.ReadAllAsync(afterOrdering, limit, CancellationToken.None));

    public async ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
        await disk.ReadAsync(node, journal => journal.ReadSealedBeforeAsync(epoch, afterOrdering, limit, CancellationToken.None));

    public async ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation) =>
        await disk.ReadAsync(node, journal => journal.ResealAsync(rows, CancellationToken.None));

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) =>
        ListAsync(journal => journal.ListOpenAsync(kind, CancellationToken.None), cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) =>
        ListAsync(journal => journal.ListAsync(kind, CancellationToken.None), cancellation);

    private async IAsyncEnumerable<T> ListAsync<T>(Func<MemoryJournal, IAsyncEnumerable<T>> list, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (T listed in await disk.ReadAsync(node, journal => CollectAsync(list(journal))))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return listed;
        }
    }

    private static async ValueTask<List<T>> CollectAsync<T>(IAsyncEnumerable<T> listing)
    {
        List<T> all = [];
        await foreach (T listed in listing)
        {
            all.Add(listed);
        }

        return all;
    }
}
