using SignerCluster.Conformance;

namespace SignerCluster.Runtime.Tests;

public sealed class MemoryJournalTests : JournalSpec
{
    protected override ValueTask<IJournal> OpenAsync() => new(new MemoryJournal());
}
