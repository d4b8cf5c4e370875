using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>The whole suite again with every call going to the other one of two journals over one database, as two nodes of one party have them.</summary>
public sealed class TwoProcessesTests : JournalSpec
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
        return await TwoJournals.OpenAsync(_database.Settings);
    }

    protected override async ValueTask<IJournalStore> ReopenAsync(IJournalStore journal)
    {
        await ((TwoJournals)journal).DisposeAsync();
        return await TwoJournals.OpenAsync(_database.Settings);
    }

    protected override async ValueTask RemoveAsync(IJournalStore journal, EntityId id, JournalRow row) => await _database.RemoveAsync(id, row);

    protected override async ValueTask RestoreAsync(IJournalStore journal, EntityId id, JournalRow row) => await _database.RestoreAsync(id, row);

    private sealed class TwoJournals(PostgresDatabase[] databases, PostgresJournal[] journals) : IJournalStore, IAsyncDisposable
    {
        private int _turn;

        public static async Task<TwoJournals> OpenAsync(PostgresSettings settings)
        {
            PostgresDatabase[] databases = [PostgresDatabase.Create(settings), PostgresDatabase.Create(settings)];
            return new TwoJournals(
                databases, [.. await Task.WhenAll(databases.Select(database => PostgresJournal.OpenAsync(database, CancellationToken.None)))]);
        }

        public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) => Next().AppendAsync(append);

        public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
            Next().ReadAsync(id, afterSequenceNumber, cancellation);

        public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => Next().ReadVersionAsync(id, cancellation);

        public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => Next().ListOpenAsync(kind, cancellation);

        public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => Next().ListAsync(kind, cancellation);

        public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) => Next().ReadKeyEpochAsync(cancellation);

        public ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
            Next().ReadAllAsync(afterOrdering, limit, cancellation);

        public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
            Next().ReadSealedBeforeAsync(epoch, afterOrdering, limit, cancellation);

        public ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation) => Next().ResealAsync(rows, cancellation);

        public async ValueTask DisposeAsync()
        {
            foreach (PostgresJournal journal in journals)
                await journal.DisposeAsync();
            foreach (PostgresDatabase database in databases)
                await database.DisposeAsync();
        }

        private PostgresJournal Next() => journals[Interlocked.Increment(ref _turn) & 1];
    }
}
