using System.Text.Json;
using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Sqlite;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>A journal that is missing beside groups or seats was lost: it is never taken for that of a new node.</summary>
public sealed class MissingJournalTests
{
    /// <summary>What the last two leave is a database, but not the node's journal.</summary>
    [Theory]
    [InlineData("coordinator", "gone")]
    [InlineData("coordinator", "dangling")]
    [InlineData("participants/0", "empty")]
    [InlineData("participants/0", "dangling")]
    [InlineData("coordinator", "without a schema")]
    [InlineData("participants/0", "without a ring")]
    public async Task S5_A_node_whose_journal_was_lost_is_not_opened_nothing_is_made_and_the_message_says_what_to_do(string node, string loss)
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        await LoseAsync(own, node, loss);
        string[] before = Files(own, node, loss);

        Ended signed = await own.SignAsync("s");
        string[] said =
        [
            Message((await own.RunAsync("keygen", "--participants", "3", "--threshold", "2")).Failed(2, "journal_missing")),
            // A coordinator is needed; of the participants the other two sign.
            node == "coordinator" ? Message(signed.Failed(2, "journal_missing")) : OneLine(signed.Error),
        ];

        Assert.Equal(node != "coordinator", signed.ExitCode == 0);
        Assert.All(said, message => Assert.Contains(own.JournalOf(node), message));
        Assert.All(said, message => Assert.Contains("from a backup", message));
        Assert.Equal(before, Files(own, node, loss));
    }

    [Fact]
    public async Task S5_Without_a_quorum_nothing_is_signed_and_the_lost_journal_is_the_reason()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        await LoseAsync(own, "participants/0", "gone");
        await LoseAsync(own, "participants/2", "empty");
        Assert.Contains(own.JournalOf("participants/0"), Message((await own.SignAsync("s")).Failed(2, "journal_missing")));
    }

    [Fact]
    public async Task S5_A_journal_that_was_put_back_works_again()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        File.Move(own.JournalOf("coordinator"), own.PathOf("backup.db"));
        (await own.SignAsync("s0")).Failed(2, "journal_missing");
        File.Move(own.PathOf("backup.db"), own.JournalOf("coordinator"));
        (await own.SignAsync("s0")).Done();
    }

    [Theory]
    [InlineData("coordinator", "empty")]
    [InlineData("participants/0", "gone")]
    [InlineData("participants/0", "dangling")]
    [InlineData("participants/0", "without a schema")]
    [InlineData("coordinator", "without a ring")]
    public async Task S5_Verify_lists_a_lost_journal_as_a_finding_and_verifies_the_other_nodes(string node, string loss)
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        await LoseAsync(own, node, loss);

        Ended ended = await own.RunAsync("journal", "verify");

        Assert.Equal(1, ended.ExitCode);
        JsonElement found = Assert.Single(ended.Json().GetProperty("findings").EnumerateArray());
        Assert.Equal((node.Replace('/', '-'), string.Empty, "journal_missing"), (Text(found, "node"), Text(found, "entity"), Text(found, "reason")));
        Assert.DoesNotContain("for writing", Text(found, "message"));
        Assert.Equal(3, ended.Json().GetProperty("nodes").EnumerateArray().Count(static verified => verified.GetProperty("rows").GetInt32() > 0));
    }

    [Theory]
    [InlineData("coordinator", "gone", "journal_missing")]
    [InlineData("participants/0", "without a ring", "journal_missing")]
    [InlineData("participants/0", "no database", "storage_corrupt")]
    public async Task S5_The_quarantine_list_names_a_lost_journal_and_goes_on_with_the_other_nodes(string node, string loss, string reason)
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        own.Damage("participants/1", "UPDATE journal SET message = x'00' WHERE persistence_id LIKE 'keys/%' IS FALSE");
        await LoseAsync(own, node, loss);

        Ended ended = await own.RunAsync("journal", "quarantine", "list");

        Assert.Equal(1, ended.ExitCode);
        JsonElement unread = Assert.Single(ended.Json().GetProperty("unread").EnumerateArray());
        Assert.Equal((node.Replace('/', '-'), reason), (Text(unread, "node"), Text(unread, "reason")));
        Assert.Contains(own.JournalOf(node), Message(unread));
        Assert.All(ended.Json().GetProperty("entities").EnumerateArray(), static found => Assert.Equal("participants-1", Text(found, "node")));
        Assert.NotEmpty(ended.Json().GetProperty("entities").EnumerateArray());

        Ended shown = await SignerProcess.RunAsync("journal", "quarantine", "list", "--data", own.Path);
        Assert.Equal(1, shown.ExitCode);
        string[] lines = shown.Out.Split('\n');
        Assert.Contains(lines, line => line.Contains(reason) && line.Contains(node.Replace('/', '-')) && line.Contains(own.JournalOf(node)));
        Assert.Contains(lines, static line => line.Contains("participants-1"));
        Assert.DoesNotContain("Nothing is in quarantine.", shown.Out);
    }

    [Fact]
    public async Task S5_Every_verb_says_that_a_journal_was_lost_and_none_that_nothing_was_written()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        await LoseAsync(own, "coordinator", "gone");
        string[][] verbs =
        [
            ["session", "list"], ["session", "show", "s"], ["keys", "status"], ["keys", "rotate"],
            ["journal", "export", "--node", "coordinator"],
        ];
        foreach (string[] verb in verbs)
        {
            (await own.RunAsync(verb)).Failed(2, "journal_missing");
        }

        Ended up = await SignerProcess.RunAsync("up", "--data", own.Path, "--http", "127.0.0.1:0");
        Assert.Equal((2, string.Empty), (up.ExitCode, up.Out));
        Assert.StartsWith("journal_missing", up.Error);

        string next = own.Write("next.json", """{"version":1,"kind":"file","path":"keys/{node}.key"}""");
        (await own.RunAsync("keys", "rewrap", "--to", next)).Failed(2, "journal_missing");
        Assert.False(Directory.Exists(own.PathOf("keys")));
        Assert.Empty(Directory.GetFiles(own.Path, "key-provider*"));
    }

    [Fact]
    public async Task S5_Keygen_makes_the_journal_and_the_keys_of_every_node()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        JsonElement[] nodes = [.. (await own.RunAsync("keys", "status")).Done().GetProperty("nodes").EnumerateArray()];
        Assert.Equal(["coordinator", "participants-0", "participants-1", "participants-2"], nodes.Select(static node => Text(node, "node")));
        Assert.All(nodes, static node => Assert.Equal(1, node.GetProperty("activeEpoch").GetInt32()));
        (await own.RunAsync("journal", "verify")).Done();
    }

    /// <summary>What a keygen for four participants leaves behind wherever it is killed, in a directory that has a group of three already.</summary>
    [Theory]
    [InlineData("folder")]
    [InlineData("key")]
    [InlineData("empty")]
    [InlineData("without a schema")]
    [InlineData("without a ring")]
    [InlineData("documents of a group that came to nothing")]
    public async Task S5_A_keygen_that_was_killed_is_repeated(string killedAfter)
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        if (killedAfter.StartsWith("documents", StringComparison.Ordinal))
        {
            string group = (await own.RunAsync("keygen", "--participants", "4", "--threshold", "2")).Done().GetProperty("group").GetString()!;
            File.Delete(Path.Combine(own.Path, "coordinator", "groups", $"{group}.json"));
            File.Delete(Path.Combine(own.Path, "participants", "3", "groups", $"{group}.json"));
            File.Delete(Path.Combine(own.Path, "participants", "3", "seats", $"{group}-3.json"));
        }
        else
        {
            await BeginParticipantAsync(own, "participants/3", killedAfter);
        }

        string made = (await own.RunAsync("keygen", "--participants", "4", "--threshold", "2")).Done().GetProperty("group").GetString()!;
        (await own.RunAsync("journal", "verify")).Done();
        (await SignerProcess.RunAsync("sign", "--data", own.Path, "--group", made, "--message", DataFixture.Message, "--allow-raw", "--json")).Done();
    }

    [Fact]
    public async Task S5_A_node_that_a_killed_keygen_left_without_anything_is_named_with_the_way_on_and_the_others_sign()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        await BeginParticipantAsync(own, "participants/3", "folder");
        Ended signed = await own.SignAsync("s");
        signed.Done();
        Assert.Contains("participants-3", OneLine(signed.Error));
        Assert.Contains("keygen", OneLine(signed.Error));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(own.Path, "participants", "3")));
    }

    private static async Task BeginParticipantAsync(OwnDirectory own, string node, string upTo)
    {
        Directory.CreateDirectory(Path.Combine(own.Path, node));
        if (upTo != "folder")
        {
            await File.WriteAllTextAsync(own.KeyOf(node), new string('b', 64));
            File.SetUnixFileMode(own.KeyOf(node), OwnDirectory.OwnerOnly);
        }

        if (upTo is not ("folder" or "key"))
        {
            await LoseAsync(own, node, upTo);
        }
    }

    private static async Task LoseAsync(OwnDirectory own, string node, string loss)
    {
        string journal = own.JournalOf(node);
        Array.ForEach(Directory.GetFiles(Path.Combine(own.Path, node), "journal.db*"), File.Delete);
        switch (loss)
        {
            case "empty":
                await File.WriteAllBytesAsync(journal, []);
                break;
            case "no database":
                await File.WriteAllTextAsync(journal, "no database at all");
                break;
            case "dangling":
                File.CreateSymbolicLink(journal, own.PathOf("elsewhere.db"));
                break;
            case "without a schema":
                Run(journal, "PRAGMA journal_mode = WAL");
                break;
            case "without a ring":
                await SqliteJournal.Open(journal).DisposeAsync();
                break;
        }
    }

    private static void Run(string journal, string sql)
    {
        using SqliteConnection connection = new($"Data Source={journal};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Every file with its content; where there is a database to open, not what opening it does to its own files.</summary>
    private static string[] Files(OwnDirectory own, string node, string loss) =>
    [
        .. Directory.GetFiles(Path.Combine(own.Path, node), "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(own.Folder))
            .Where(path => !loss.StartsWith("without", StringComparison.Ordinal) || !Path.GetFileName(path).StartsWith("journal.db", StringComparison.Ordinal))
            .Select(static path => $"{path} {(new FileInfo(path).LinkTarget ?? Convert.ToHexString(File.ReadAllBytes(path)))}").Order(StringComparer.Ordinal),
    ];

    private static string OneLine(string text) => string.Join(' ', text.Split(null as char[], StringSplitOptions.RemoveEmptyEntries));

    private static string Message(JsonElement error) => Text(error, "message");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
