using System.Diagnostics;
using System.Globalization;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit.Abstractions;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class KilledWriterTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 20;
    private const int KilledBySignal9 = 128 + 9;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task D7_Kill_9_of_a_writing_process_loses_no_acknowledged_append_and_leaves_no_gap()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var acknowledged = new Dictionary<EntityId, long>();
        for (int round = 0; round < Rounds; round++)
        {
            int lines = random.Next(1, 500);
            await WriteUntilKilledAsync(round, lines, acknowledged);
            await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal);
            await AssertNothingLostAsync(journal, round, acknowledged, $"seed {seed}, round {round}, killed after {lines} lines");
        }
    }

    [Fact]
    public async Task A_second_process_is_turned_away_with_the_path_and_the_first_is_not_disturbed()
    {
        await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal);
        using Process second = Start("second");
        string message = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();

        Assert.Equal(WritingProcess.ExitInUse, second.ExitCode);
        Assert.Contains(_folder.Journal, message, StringComparison.Ordinal);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/first", 0, [1])));
    }

    [Fact]
    public async Task A_journal_can_be_looked_at_while_another_process_writes_it()
    {
        using Process writer = Start("watched");
        try
        {
            EntityId id = default;
            await ReadLinesAsync(writer, 50, (entity, _) => id = entity);
            await using SqliteJournal looking = SqliteJournal.OpenReadOnly(_folder.Journal);

            Assert.NotEmpty(await looking.ReadAsync(id, 0, CancellationToken.None));
            JournalException refused = Rows.NotWritten(await looking.AppendAsync(Rows.Of("session/mine", 0, [1])));
            Assert.Equal(("storage_read_only", false), (refused.Code, refused.IsTransient));
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task D7_A_journal_whose_writer_was_killed_can_be_looked_at_before_anyone_repairs_it()
    {
        var acknowledged = new Dictionary<EntityId, long>();
        await WriteUntilKilledAsync(0, 100, acknowledged);

        await using SqliteJournal looking = SqliteJournal.OpenReadOnly(_folder.Journal);
        foreach ((EntityId id, long version) in acknowledged)
            Assert.True((await looking.ReadAsync(id, 0, CancellationToken.None)).Count >= version, $"{id} lacks acknowledged rows.");
    }

    private async Task WriteUntilKilledAsync(int round, int lines, Dictionary<EntityId, long> acknowledged)
    {
        using Process writer = Start($"r{round}");
        await ReadLinesAsync(writer, lines, (id, version) => acknowledged[id] = version);
        writer.Kill();
        // What it had printed before it died counts as well.
        await ReadLinesAsync(writer, int.MaxValue, (id, version) => acknowledged[id] = version);
        await writer.WaitForExitAsync();
        Assert.Equal(KilledBySignal9, writer.ExitCode);
    }

    private static async Task AssertNothingLostAsync(SqliteJournal journal, int round, Dictionary<EntityId, long> acknowledged, string when)
    {
        var open = new HashSet<EntityId>();
        var known = new HashSet<EntityId>();
        await foreach (EntityId id in journal.ListAsync("session", CancellationToken.None))
        {
            Assert.True(known.Add(id), $"{id} is listed twice: {when}");
            // Reading refuses a history with a gap.
            IReadOnlyList<JournalRow> rows = await journal.ReadAsync(id, 0, CancellationToken.None);
            long promised = acknowledged.GetValueOrDefault(id);
            Assert.True(rows.Count >= promised, $"{id} has {rows.Count} rows, {promised} were acknowledged: {when}");
            foreach (JournalRow row in rows)
                Assert.True(row.Message.Span.SequenceEqual(WritingProcess.MessageOf(id, row.SequenceNumber)), $"{id} {row.SequenceNumber}: {when}");
            if (WritingProcess.IsOpenAfter(id, rows.Count))
                open.Add(id);
        }

        Assert.True(known.IsSupersetOf(acknowledged.Keys), $"An acknowledged entity is gone: {when}");
        Assert.Contains(known, id => id.Parts[1].StartsWith($"r{round}-", StringComparison.Ordinal));
        await foreach ((EntityId id, _) in journal.ListOpenAsync("session", CancellationToken.None))
            Assert.True(open.Remove(id), $"{id} is listed as open: {when}");
        Assert.True(open.Count == 0, $"{open.Count} entities are not listed as open: {when}");
    }

    private static async Task ReadLinesAsync(Process writer, int count, Action<EntityId, long> acknowledge)
    {
        for (int i = 0; i < count && await writer.StandardOutput.ReadLineAsync() is { } line; i++)
        {
            if (line.Split(' ') is [string id, string version, "."])
                acknowledge(EntityId.Parse(id), long.Parse(version, CultureInfo.InvariantCulture));
        }
    }

    private Process Start(string name) => Process.Start(new ProcessStartInfo
    {
        FileName = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
        ArgumentList = { typeof(WritingProcess).Assembly.Location, _folder.Journal, name },
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
