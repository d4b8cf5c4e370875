using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>A journal that gives a part of a history as if it were the whole, which none of ours may do.</summary>
internal sealed class HidingJournal(IJournal inner) : IJournal
{
    /// <summary>The row that is left out; 0 for none.</summary>
    internal long Hidden { get; set; }

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) => inner.AppendAsync(append);

    public async ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        [.. (await inner.ReadAsync(id, afterSequenceNumber, cancellation)).Where(row => row.SequenceNumber != Hidden)];

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => inner.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => inner.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);
}
