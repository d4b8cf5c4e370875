using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class JournalTests
{
    [Fact]
    public async Task Verify_of_sound_journals_counts_everything_and_ends_with_0()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 2);
        JsonElement verified = (await own.RunAsync("journal", "verify")).Done();
        Assert.True(verified.GetProperty("verified").GetBoolean());
        Assert.Empty(verified.GetProperty("findings").EnumerateArray());
        JsonElement[] nodes = [.. verified.GetProperty("nodes").EnumerateArray()];
        Assert.Equal(["coordinator", "participants-0", "participants-1", "participants-2"], nodes.Select(static node => Text(node, "node")));
        Assert.Equal(2, nodes[0].GetProperty("signatures").GetInt32());
        Assert.All(nodes[1..], static node => Assert.Equal(1, node.GetProperty("seatFiles").GetInt32()));
        Assert.True(nodes[1..].Sum(static node => node.GetProperty("shares").GetInt32()) >= 4);

        JsonElement one = (await own.RunAsync("journal", "verify", "--node", "participants-1")).Done();
        Assert.Equal("participants-1", Text(Assert.Single(one.GetProperty("nodes").EnumerateArray()), "node"));
        (await own.RunAsync("journal", "verify", "--node", "participants-7")).Failed(2, "unknown_node");
        Ended shown = await SignerProcess.RunAsync("journal", "verify", "--data", own.Path);
        Assert.Contains("Everything is as it was written", shown.Out);
    }

    [Fact]
    public async Task K4_Damage_is_listed_by_node_entity_row_and_reason_quarantined_alone_and_healed_by_restoring_the_row()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 2);
        string entity = $"coordinator/{own.Group}/s0";
        string listed = $"persistence_id LIKE '%/{own.Group}/s0' AND sequence_number = 2";
        File.Copy(own.JournalOf("coordinator"), own.PathOf("backup.db"));
        own.Damage("coordinator", $"UPDATE journal SET message = substr(message, 1, length(message) - 1) WHERE {listed}");

        Ended ended = await own.RunAsync("journal", "verify");
        Assert.Equal(1, ended.ExitCode);
        JsonElement verified = ended.Json();
        Assert.False(verified.GetProperty("verified").GetBoolean());
        JsonElement found = Assert.Single(verified.GetProperty("findings").EnumerateArray());
        Assert.Equal(("coordinator", 2, "row_unauthentic"), (Text(found, "node"), found.GetProperty("row").GetInt32(), Text(found, "reason")));
        Assert.EndsWith("/s0", Text(found, "entity"));

        JsonElement quarantined = Assert.Single((await own.RunAsync("journal", "quarantine", "list")).Done().GetProperty("entities").EnumerateArray());
        Assert.Equal(Text(found, "entity"), Text(quarantined, "entity"));
        Assert.Equal("row_unauthentic", Text(quarantined, "reason"));
        Assert.Equal(1, (await own.RunAsync("session", "show", "s0")).ExitCode);
        string[] states =
            [.. (await own.RunAsync("session", "list")).Done().GetProperty("sessions").EnumerateArray().Select(static session => Text(session, "state"))];
        Assert.Equal(["unreadable", "completed"], states);

        await using (SignerProcess up = SignerProcess.Start(["up", "--data", own.Path, "--http", "127.0.0.1:0", "--allow-raw"]))
        {
            string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
            (await SignerProcess.RunAsync("sign", "--url", url, "--group", own.Group, "--message", DataFixture.Message, "--session", "s0", "--json"))
                .Failed(3, "entity_quarantined");
            (await SignerProcess.RunAsync("sign", "--url", url, "--group", own.Group, "--message", DataFixture.Message, "--session", "s1", "--json")).Done();
            JsonElement met = Assert.Single(
                (await SignerProcess.RunAsync("journal", "quarantine", "list", "--url", url, "--json")).Done().GetProperty("entities").EnumerateArray());
            Assert.Equal(("coordinator", Text(found, "entity")), (Text(met, "node"), Text(met, "entity")));
            using HttpClient client = new();
            JsonElement ready = JsonDocument.Parse(await client.GetStringAsync($"{url}/readyz")).RootElement;
            Assert.Equal(("ready", 1), (Text(ready, "status"), ready.GetProperty("quarantined").GetInt32()));
            Assert.Equal(0, (await up.StopAsync()).ExitCode);
        }

        own.Damage(
            "coordinator",
            $"ATTACH '{own.PathOf("backup.db")}' AS backup; "
                + $"UPDATE journal SET message = (SELECT message FROM backup.journal b WHERE b.ordering = journal.ordering) WHERE {listed}");
        (await own.RunAsync("journal", "verify")).Done();
        Assert.Empty((await own.RunAsync("journal", "quarantine", "list")).Done().GetProperty("entities").EnumerateArray());
        (await own.SignAsync("s0")).Done();
        Assert.NotEmpty(entity);
    }

    [Fact]
    public async Task K4_Rows_that_are_gone_renamed_or_of_another_seat_file_are_all_listed()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 2);
        own.Damage("coordinator", "DELETE FROM journal WHERE persistence_id LIKE '%/s0'");
        own.Damage("participants/0", $"UPDATE journal SET persistence_id = 'UPPER/case' WHERE persistence_id LIKE '%/s0/%' AND sequence_number = 1");
        string seat = Assert.Single(Directory.EnumerateFiles(Path.Combine(own.Path, "participants", "1", "seats")));
        await File.WriteAllTextAsync(seat, (await File.ReadAllTextAsync(seat)).Replace("\"seat\": 1", "\"seat\": 2", StringComparison.Ordinal));

        Ended ended = await own.RunAsync("journal", "verify");
        Assert.Equal(1, ended.ExitCode);
        (string Node, string Reason)[] found =
            [.. ended.Json().GetProperty("findings").EnumerateArray().Select(static finding => (Text(finding, "node"), Text(finding, "reason")))];
        Assert.Contains(("coordinator", "row_missing"), found);
        Assert.Contains(("participants-0", "id_malformed"), found);
        Assert.Contains(("participants-0", "row_missing"), found);
        Assert.Contains(("participants-1", "seat_unusable"), found);
        Assert.DoesNotContain(found, static finding => finding.Node == "participants-2");
    }

    [Fact]
    public async Task A_ring_that_cannot_be_read_is_a_finding_of_its_node_and_the_other_nodes_are_verified()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        own.Damage("participants/2", "UPDATE journal SET message = x'7b7d' WHERE persistence_id = 'keys/ring' AND sequence_number = 1");
        Ended ended = await own.RunAsync("journal", "verify");
        Assert.Equal(1, ended.ExitCode);
        JsonElement found = Assert.Single(ended.Json().GetProperty("findings").EnumerateArray());
        Assert.Equal(("participants-2", "key_ring_unreadable"), (Text(found, "node"), Text(found, "reason")));
        Assert.True(ended.Json().GetProperty("nodes")[0].GetProperty("signatures").GetInt32() > 0);
    }

    [Fact]
    public async Task K7_A_checkpoint_tells_when_an_older_journal_was_put_back_and_survives_a_rotation()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        string checkpoint = own.PathOf("checkpoint.json");
        File.Copy(own.JournalOf("participants/1"), own.PathOf("yesterday.db"));
        (await own.SignAsync("today")).Done();
        (await own.RunAsync("keys", "rotate")).Done();
        (await own.RunAsync("journal", "verify", "--write-checkpoint", checkpoint)).Done();
        (await own.RunAsync("keys", "rotate")).Done();
        (await own.SignAsync("tomorrow")).Done();
        (await own.RunAsync("journal", "verify", "--checkpoint", checkpoint)).Done();

        File.Copy(own.PathOf("yesterday.db"), own.JournalOf("participants/1"), overwrite: true);
        Ended ended = await own.RunAsync("journal", "verify", "--checkpoint", checkpoint, "--write-checkpoint", own.PathOf("never.json"));
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(
            ended.Json().GetProperty("findings").EnumerateArray(),
            static finding => Text(finding, "node") == "participants-1" && Text(finding, "reason") == "journal_rolled_back");
        Assert.False(File.Exists(own.PathOf("never.json")));
    }

    [Fact]
    public async Task Bad_checkpoint_files_are_named_before_any_work()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        (await own.RunAsync("journal", "verify", "--checkpoint", own.PathOf("absent"))).Failed(2, "checkpoint_missing");
        (await own.RunAsync(
            "journal",
            "verify",
            "--checkpoint",
            own.Write("odd", """{"version":1,"nodes":[{"node":"coordinator","lastOrdering":1,"rows":1,"digest":"zz"}]}"""))).Failed(2, "checkpoint_invalid");
        (await own.RunAsync("journal", "verify", "--checkpoint", own.Write("text", "no json"))).Failed(2, "checkpoint_invalid");
        (await own.RunAsync("journal", "verify", "--write-checkpoint", own.PathOf("no-such-folder/file"))).Failed(2, "out_invalid");
        (await own.RunAsync("journal", "verify", "--write-checkpoint", "/proc/checkpoint")).Failed(3, "checkpoint_unwritable");
        (await SignerProcess.RunAsync("journal", "verify", "--data", own.PathOf("absent"), "--json")).Failed(2, "data_missing");
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
