using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Keys;

/// <summary>A store in which something can happen just before an append reaches it, or just before a re-sealed row does.</summary>
internal sealed class OvertakenStore(MemoryJournal inner) : IJournalStore
{
    private Func<Task>? _rival;
    private Func<Task>? _resealRival;

    internal void OvertakeNextWith(Func<Task> rival) => _rival = rival;

    internal void OvertakeNextResealWith(Func<Task> rival) => _resealRival = rival;

    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        if (append.KeyEpoch != 0 && Interlocked.Exchange(ref _rival, null) is { } rival)
        {
            await rival();
        }

        return await inner.AppendAsync(append);
    }

    public async ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _resealRival, null) is { } rival)
        {
            await rival();
        }

        return await inner.ResealAsync(rows, cancellation);
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        inner.ReadAsync(id, afterSequenceNumber, cancellation);

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => inner.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => inner.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);

    public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) => inner.ReadKeyEpochAsync(cancellation);

    public ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
        inner.ReadAllAsync(afterOrdering, limit, cancellation);

    public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
        inner.ReadSealedBeforeAsync(epoch, afterOrdering, limit, cancellation);
}
