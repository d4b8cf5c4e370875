using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>A store whose rows of one entity stand under another text, as after a bad hand on its file, or whose head names another epoch.</summary>
internal sealed class RenamingStore(IJournalStore inner, string from, string to) : IJournalStore
{
    internal int? KeyEpoch { get; init; }

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) => inner.AppendAsync(append);

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        inner.ReadAsync(id, afterSequenceNumber, cancellation);

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => inner.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => inner.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);

    public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) => KeyEpoch is { } epoch ? new(epoch) : inner.ReadKeyEpochAsync(cancellation);

    public async ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
        [.. (await inner.ReadAllAsync(afterOrdering, limit, cancellation)).Select(row => row.PersistenceId == from ? row with { PersistenceId = to } : row)];

    public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
        inner.ReadSealedBeforeAsync(epoch, afterOrdering, limit, cancellation);

    public ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation) => inner.ResealAsync(rows, cancellation);
}
