using SignerCluster.Conformance;

namespace SignerCluster.Journal.Tests.Persistence;

public sealed class MemoryPluginTests : JournalPluginSpec
{
    protected override ValueTask<IJournalStore> OpenAsync() => new(new MemoryJournal());
}
