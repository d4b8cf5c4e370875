using SignerCluster.Conformance;
using SignerCluster.Runtime;

namespace SignerCluster.Sqlite.Tests;

public sealed class SqliteJournalTests : JournalSpec, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override ValueTask<IJournal> OpenAsync() => new(SqliteJournal.Open(_folder.Journal));

    protected override async ValueTask<IJournal> ReopenAsync(IJournal journal)
    {
        await ((SqliteJournal)journal).DisposeAsync();
        return SqliteJournal.Open(_folder.Journal);
    }
}
