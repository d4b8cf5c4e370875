using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

public sealed class PostgresJournalTests : JournalSpec
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

    protected override async ValueTask<IJournalStore> ReopenAsync(IJournalStore journal)
    {
        await ((PostgresJournal)journal).DisposeAsync();
        return await PostgresJournal.OpenAsync(_database.Database, CancellationToken.None);
    }

    protected override async ValueTask RemoveAsync(IJournalStore journal, EntityId id, JournalRow row) => await _database.RemoveAsync(id, row);

    protected override async ValueTask RestoreAsync(IJournalStore journal, EntityId id, JournalRow row) => await _database.RestoreAsync(id, row);
}
