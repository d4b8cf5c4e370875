using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Sqlite;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class ImportTests
{
    [Fact]
    public async Task An_earlier_directory_is_brought_over_with_every_row_and_goes_on_where_it_stopped()
    {
        using EarlierDirectory earlier = new();
        string[] before = earlier.Snapshot();

        JsonElement imported = (await earlier.ImportAsync()).Done();

        Assert.Equal(before, earlier.Snapshot());
        Assert.Equal((earlier.Path, earlier.New), (Text(imported, "from"), Text(imported, "data")));
        JsonElement[] nodes = [.. imported.GetProperty("nodes").EnumerateArray()];
        Assert.Equal(["coordinator", "participants-0", "participants-1", "participants-2"], nodes.Select(static node => Text(node, "node")));
        Assert.Equal([43, 26, 24, 27], nodes.Select(static node => Number(node, "rows")));
        Assert.Equal([3, 3, 3, 3], nodes.Select(static node => Number(node, "signatures")));
        Assert.Equal([0, 1, 1, 1], nodes.Select(static node => Number(node, "seatFiles")));
        Assert.All(nodes, static node => Assert.True(node.GetProperty("keyFile").GetBoolean() && Number(node, "groups") == 1));
        IEnumerable<string> files = Directory.GetFiles(earlier.New, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) != "lock");
        Assert.All(files, static file => Assert.Equal(OwnDirectory.OwnerOnly, File.GetUnixFileMode(file)));

        foreach ((string session, char message, string signature) in EarlierDirectory.Signed)
        {
            Assert.Equal(signature, Text((await earlier.SignAsync(session, message)).Done(), "signature"));
        }

        (await earlier.SignAsync("open", '5')).Failed(1, "session_conflict");
        Assert.NotEmpty(Text((await earlier.SignAsync("open", '4')).Done(), "signature"));
        (await earlier.SignAsync("later", '5')).Done();
        (await RunAsync(earlier, "keys", "rotate")).Done();
        (await RunAsync(earlier, "journal", "verify")).Done();
    }

    [Fact]
    public async Task What_was_moved_is_shown_as_a_table_also_into_an_empty_directory()
    {
        using EarlierDirectory earlier = new();
        Directory.CreateDirectory(earlier.New);
        Ended shown = await SignerProcess.RunAsync("journal", "import", "--from", earlier.Path, "--data", earlier.New);
        Assert.Equal(0, shown.ExitCode);
        Assert.Matches("participants-2 +1 +1 +copied +27 +5 +3", shown.Out);
        Assert.Contains("start nothing on it again", shown.Out);
    }

    [Fact]
    public async Task A_directory_that_a_process_works_on_is_not_imported()
    {
        using EarlierDirectory earlier = new();
        using DataDirectory working = DataDirectory.Hold(earlier.Path);
        (await earlier.ImportAsync()).Failed(3, "data_in_use");
        earlier.AssertNothingMade();
    }

    [Fact]
    public async Task A_place_that_is_not_free_is_refused_and_stays_as_it_is()
    {
        using EarlierDirectory earlier = new();
        Directory.CreateDirectory(earlier.New);
        await File.WriteAllTextAsync(Path.Combine(earlier.New, "note"), "mine");
        (await earlier.ImportAsync()).Failed(2, "data_not_empty");
        Assert.Equal([Path.Combine(earlier.New, "note")], Directory.GetFileSystemEntries(earlier.New));
        string nested = Path.Combine(earlier.Path, "new");
        (await SignerProcess.RunAsync("journal", "import", "--from", earlier.Path, "--data", nested, "--json")).Failed(2, "data_nested");
        Directory.Delete(earlier.New, recursive: true);
        Directory.CreateDirectory(earlier.New + ".import");
        (await earlier.ImportAsync()).Failed(2, "import_unfinished");
        Assert.Equal([earlier.New + ".import", earlier.Path], Directory.GetDirectories(earlier.PathOf(string.Empty)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task K4_A_damaged_row_is_listed_and_nothing_is_imported()
    {
        using EarlierDirectory earlier = new();
        const string Cut = "UPDATE journal SET message = substr(message, 1, length(message) - 1) WHERE persistence_id LIKE '%/third/%' AND sequence_number = 2";
        await DamageAsync(earlier, "participants/1", Cut);
        Ended ended = await earlier.ImportAsync();
        Assert.Equal(1, ended.ExitCode);
        JsonElement found = Assert.Single(ended.Json().GetProperty("findings").EnumerateArray());
        Assert.Equal(("participants-1", "row_unauthentic"), (Text(found, "node"), Text(found, "reason")));
        earlier.AssertNothingMade();
    }

    [Fact]
    public async Task S5_A_lost_journal_is_not_imported_as_a_new_one()
    {
        using EarlierDirectory earlier = new();
        string coordinator = Path.Combine(earlier.Path, "coordinator", "journal.db");
        File.Move(coordinator, earlier.PathOf("away.json"));
        (await earlier.ImportAsync()).Failed(2, "journal_missing");
        File.Move(earlier.PathOf("away.json"), coordinator);
        File.Delete(Path.Combine(earlier.Path, "participants", "2", "journal.db"));
        (await earlier.ImportAsync()).Failed(2, "journal_missing");
        Directory.Move(Path.Combine(earlier.Path, "participants", "1"), earlier.PathOf("away.json"));
        (await earlier.ImportAsync()).Failed(2, "data_missing");
        earlier.AssertNothingMade();
    }

    /// <summary>Earlier versions made the coordinator's journal at the first start.</summary>
    [Fact]
    public async Task S5_A_directory_that_never_signed_gets_the_journal_that_its_coordinator_has_not_yet()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        Array.ForEach(Directory.GetFiles(Path.Combine(own.Path, "coordinator"), "journal.db*"), File.Delete);
        (await own.SignAsync("s")).Failed(2, "journal_missing");
        string imported = own.PathOf("new");
        (await SignerProcess.RunAsync("journal", "import", "--from", own.Path, "--data", imported, "--json")).Done();
        (await SignerProcess.RunAsync("sign", "--data", imported, "--group", own.Group, "--message", DataFixture.Message, "--allow-raw", "--json")).Done();
        Assert.False(File.Exists(own.JournalOf("coordinator")));
    }

    [Fact]
    public async Task S5_A_lost_coordinator_journal_is_gone_on_without_only_when_the_operator_says_so_and_the_seats_stay()
    {
        using EarlierDirectory earlier = new();
        Array.ForEach(Directory.GetFiles(Path.Combine(earlier.Path, "coordinator"), "journal.db*"), File.Delete);
        JsonElement lost = (await earlier.ImportAsync()).Failed(2, "journal_missing");
        Assert.Contains("--without-coordinator-journal", Text(lost, "message"));
        JsonElement imported = (await earlier.ImportAsync("--without-coordinator-journal")).Done();
        Assert.Equal([0, 3, 3, 3], imported.GetProperty("nodes").EnumerateArray().Select(static node => Number(node, "signatures")));
        (await earlier.SignAsync("afterwards", '6')).Done();
    }

    [Fact]
    public async Task A_key_that_lies_in_the_directory_that_is_left_behind_is_named_and_one_elsewhere_goes_on_working()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        string[] import = ["journal", "import", "--from", own.Path, "--data", own.PathOf("new"), "--json"];
        string inside = own.Write("inside.json", """{"version":1,"kind":"file","path":"data/keys/{node}.key"}""");
        (await own.RunAsync("keys", "rewrap", "--to", inside)).Done();
        (await SignerProcess.RunAsync(import)).Failed(2, "key_left_behind");
        Assert.False(Directory.Exists(own.PathOf("new")));

        string outside = own.Write("outside.json", """{"version":1,"kind":"file","path":"keys/{node}.key"}""");
        (await own.RunAsync("keys", "rewrap", "--to", outside)).Done();
        (await SignerProcess.RunAsync(import)).Done();
        Directory.Delete(own.Path, recursive: true);
        string[] sign = ["sign", "--data", own.PathOf("new"), "--group", own.Group, "--message", DataFixture.Message, "--session", "s0", "--allow-raw"];
        (await SignerProcess.RunAsync([.. sign, "--json"])).Done();
    }

    [Fact]
    public async Task What_is_no_data_directory_is_refused()
    {
        using EarlierDirectory earlier = new();
        string empty = earlier.PathOf("empty.json");
        Directory.CreateDirectory(empty);
        foreach (string from in (string[])[earlier.PathOf("absent"), empty])
        {
            (await SignerProcess.RunAsync("journal", "import", "--from", from, "--data", earlier.New, "--json")).Failed(2, "data_missing");
        }

        Assert.Empty(Directory.GetFileSystemEntries(empty));
        earlier.AssertNothingMade();
    }

    /// <summary>The log of the first journal is a pipe here, so that the test knows that the copying goes on, and goes on as long as the test writes.</summary>
    [Fact]
    public async Task C7_Ctrl_C_in_the_middle_leaves_nothing_behind()
    {
        using EarlierDirectory earlier = new();
        string log = Path.Combine(earlier.Path, "participants", "0", "journal.db-wal");
        File.Delete(log);
        using (Process pipe = Process.Start("mkfifo", [log]))
        {
            await pipe.WaitForExitAsync();
        }

        await using SignerProcess import = SignerProcess.Start(["journal", "import", "--from", earlier.Path, "--data", earlier.New, "--json"]);
        FileStreamOptions unbuffered = new() { Mode = FileMode.Open, Access = FileAccess.Write, BufferSize = 0 };
        await using FileStream writing = await Task.Run(() => new FileStream(log, unbuffered));
        Task<Ended> stopping = import.StopAsync("INT");
        try
        {
            while (!stopping.IsCompleted)
            {
                await writing.WriteAsync(new byte[1024]);
            }
        }
        catch (IOException)
        {
            // Nobody reads any more.
        }

        (await stopping).Failed(3, "interrupted");
        earlier.AssertNothingMade();
    }

    /// <summary>A bad hand at one journal; what is in its log is folded in on the way.</summary>
    private static async Task DamageAsync(EarlierDirectory earlier, string node, string sql)
    {
        string journal = Path.Combine(earlier.Path, node, "journal.db");
        await SqliteJournal.Open(journal).DisposeAsync();
        await using SqliteConnection connection = new($"Data Source={journal};Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static Task<Ended> RunAsync(EarlierDirectory earlier, params string[] arguments) =>
        SignerProcess.RunAsync([.. arguments, "--data", earlier.New, "--json"]);

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
}
