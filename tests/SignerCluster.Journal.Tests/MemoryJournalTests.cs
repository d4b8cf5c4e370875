using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests;

public sealed class MemoryJournalTests : JournalSpec
{
    protected override ValueTask<IJournalStore> OpenAsync() => new(new MemoryJournal());

    protected override ValueTask RemoveAsync(IJournalStore journal, EntityId id, JournalRow row)
    {
        ((MemoryJournal)journal).Damage(id, stored => stored.SequenceNumber == row.SequenceNumber ? null : stored);
        return default;
    }

    protected override ValueTask RestoreAsync(IJournalStore journal, EntityId id, JournalRow row)
    {
        ((MemoryJournal)journal).Restore(id, [row]);
        return default;
    }
}
