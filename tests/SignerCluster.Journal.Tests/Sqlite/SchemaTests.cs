using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class SchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task D7_A_journal_of_the_first_version_keeps_its_rows_its_listings_and_its_orderings()
    {
        await WriteFirstVersionAsync();
        Assert.Equal("schema_too_old", Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(_folder.Journal)).Code);

        await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal);

        Assert.Equal([1, 3], (await journal.ReadAsync(EntityId.Parse("session/a"), 0, CancellationToken.None)).Select(row => row.Message.Span[0]));
        Assert.Equal(2, await journal.ReadVersionAsync(EntityId.Parse("session/a"), CancellationToken.None));
        IReadOnlyList<StoredRow> all = await journal.ReadAllAsync(0, 10, CancellationToken.None);
        Assert.Equal(["session/a 1", "session/b 2", "session/a 3"], all.Select(stored => $"{stored.PersistenceId} {stored.Row.Ordering}"));
        Assert.All(all, stored => Assert.Equal(0, stored.Row.KeyEpoch));
        Assert.Equal(["session/a", "session/b"], await Rows.CollectAsync(journal.ListAsync("session", CancellationToken.None)));
        Assert.Equal(["session/b"], await Rows.CollectAsync(journal.ListOpenAsync("session", CancellationToken.None)));
        Assert.Equal(0, await journal.ReadKeyEpochAsync(CancellationToken.None));
        Rows.AssertAppended(3, await journal.AppendAsync(Rows.Of("session/a", 2, [4])));
        Assert.Equal(4, (await journal.ReadAsync(EntityId.Parse("session/a"), 2, CancellationToken.None)).Single().Ordering);
    }

    [Theory]
    [InlineData("CREATE TABLE accounts (id INTEGER)")]
    [InlineData("CREATE TABLE journal (id INTEGER); PRAGMA user_version = 1")]
    [InlineData("CREATE TABLE journal (id INTEGER); CREATE TABLE open_entity (id INTEGER); CREATE TABLE accounts (id INTEGER); PRAGMA user_version = 1")]
    [InlineData("CREATE TABLE accounts (id INTEGER); PRAGMA user_version = 2")]
    [InlineData("PRAGMA application_id = 1")]
    public async Task The_database_of_another_program_is_refused_and_not_touched(string sql)
    {
        await using (SqliteConnection shell = Shell.Open(_folder.Journal))
            shell.Run(sql);
        byte[] before = await File.ReadAllBytesAsync(_folder.Journal);

        foreach (Func<object> open in (Func<object>[])[() => SqliteJournal.Open(_folder.Journal), () => SqliteJournal.OpenReadOnly(_folder.Journal)])
        {
            JournalException fault = Assert.Throws<JournalException>(open);
            Assert.Equal(("not_a_journal", false), (fault.Code, fault.IsTransient));
            Assert.Contains(_folder.Journal, fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.Journal));
    }

    [Theory]
    [InlineData(ReadConnection.VersionSql)]
    [InlineData(ReadConnection.ExtentSql)]
    [InlineData(ReadConnection.HistorySql)]
    [InlineData(ReadConnection.KnownSql)]
    [InlineData(ReadConnection.OpenSql)]
    [InlineData(ReadConnection.KeyEpochSql)]
    [InlineData(ReadConnection.AllSql)]
    [InlineData(ReadConnection.NextEpochSql)]
    [InlineData(ReadConnection.SealedSql)]
    [InlineData(WriteConnection.HeadSql)]
    [InlineData(WriteConnection.AdvanceSql)]
    public async Task No_question_scans_or_sorts_however_long_the_history_is(string sql)
    {
        await SqliteJournal.Open(_folder.Journal).DisposeAsync();
        await using SqliteConnection shell = Shell.Open(_folder.Journal);

        string[] plan = shell.Ask("EXPLAIN QUERY PLAN " + WithValues(sql), column: 3);

        Assert.Contains(plan, step => step.StartsWith("SEARCH", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW");
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ReadConnection.VersionSql, "SEARCH entity USING INDEX sqlite_autoindex_entity_1 (persistence_id=?)")]
    [InlineData(ReadConnection.HistorySql, "SEARCH journal USING INDEX sqlite_autoindex_journal_1 (persistence_id=? AND sequence_number>?)")]
    [InlineData(ReadConnection.OpenSql, "SEARCH entity USING INDEX entity_of_kind (kind=? AND is_open=? AND rowid>?)")]
    [InlineData(ReadConnection.NextEpochSql, "SEARCH journal USING COVERING INDEX journal_sealed (key_epoch>?)")]
    [InlineData(ReadConnection.SealedSql, "SEARCH journal USING INDEX journal_sealed (key_epoch=? AND ordering>?)")]
    public async Task Questions_that_are_asked_often_or_of_long_histories_use_their_index(string sql, string plan)
    {
        await SqliteJournal.Open(_folder.Journal).DisposeAsync();
        await using SqliteConnection shell = Shell.Open(_folder.Journal);
        Assert.Equal(plan, Assert.Single(shell.Ask("EXPLAIN QUERY PLAN " + WithValues(sql), column: 3)));
    }

    private static string WithValues(string sql) => sql
        .Replace("$id", "'a/b'", StringComparison.Ordinal).Replace("$after", "5", StringComparison.Ordinal)
        .Replace("$limit", "9", StringComparison.Ordinal).Replace("$epoch", "2", StringComparison.Ordinal)
        .Replace("?1", "'a/b'", StringComparison.Ordinal).Replace("?2", "2", StringComparison.Ordinal)
        .Replace("?3", "1", StringComparison.Ordinal).Replace("?4", "1", StringComparison.Ordinal);

    private async Task WriteFirstVersionAsync()
    {
        using var script = new StreamReader(typeof(SqliteJournal).Assembly.GetManifestResourceStream("Sqlite/001.CreateJournal")!);
        await using SqliteConnection shell = Shell.Open(_folder.Journal);
        shell.Run(await script.ReadToEndAsync());
        shell.Run("PRAGMA user_version = 1; PRAGMA journal_mode = WAL");
        foreach ((string id, int number, int message) in ((string, int, int)[])[("session/a", 1, 1), ("session/b", 1, 2), ("session/a", 2, 3)])
        {
            shell.Run($"""
                INSERT INTO journal (persistence_id, sequence_number, manifest, message, writer_uuid, created)
                VALUES ('{id}', {number}, 'tested', x'0{message}', '{Guid.Empty}', 5)
                """);
        }

        shell.Run("INSERT INTO open_entity (persistence_id, kind, first_ordering) VALUES ('session/b', 'session', 2)");
    }
}
