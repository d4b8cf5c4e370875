using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Postgres.Tests;

public sealed class PostgresPluginTests : JournalPluginSpec
{
    private TestDatabase _database = null!;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
    }

    protected override async ValueTask<IJournalStore> OpenAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync();
        return await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
    }
}
