using Microsoft.Data.Sqlite;
using SignerCluster.Conformance;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalSpec, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override ValueTask<IJournalStore> OpenAsync() => new(SqliteJournal.Open(_folder.Journal));

    protected override async ValueTask<IJournalStore> ReopenAsync(IJournalStore journal)
    {
        await ((SqliteJournal)journal).DisposeAsync();
        return SqliteJournal.Open(_folder.Journal);
    }

    protected override async ValueTask RemoveAsync(IJournalStore journal, EntityId id, JournalRow row)
    {
        await using SqliteConnection shell = Shell.Open(_folder.Journal);
        shell.Run($"DELETE FROM journal WHERE persistence_id = '{id}' AND sequence_number = {row.SequenceNumber}");
    }

    protected override async ValueTask RestoreAsync(IJournalStore journal, EntityId id, JournalRow row)
    {
        await using SqliteConnection shell = Shell.Open(_folder.Journal);
        shell.Run($"""
            INSERT INTO journal (ordering, persistence_id, sequence_number, manifest, message, writer_uuid, created, key_epoch) VALUES
            ({row.Ordering}, '{id}', {row.SequenceNumber}, '{row.Manifest}', x'{Convert.ToHexString(row.Message.Span)}', '{row.Writer:D}', {row.Created.UtcTicks}, {row.KeyEpoch})
            """);
    }
}
