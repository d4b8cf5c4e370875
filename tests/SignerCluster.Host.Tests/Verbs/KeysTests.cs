using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class KeysTests
{
    private static readonly string[] _nodes = ["coordinator", "participants-0", "participants-1", "participants-2"];

    [Fact]
    public async Task K6_Rotating_moves_every_row_and_seat_retires_the_old_keys_and_signing_goes_on()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        JsonElement[] before = Nodes((await own.RunAsync("keys", "status")).Done());
        Assert.Equal(_nodes, before.Select(static node => Text(node, "node")));
        Assert.All(before, static node => Assert.Equal(("file", 1, 0), (Text(node, "provider"), Number(node, "activeEpoch"), Number(node, "earlierRows"))));
        Assert.All(before, static node => Assert.Matches("^[0-9a-f]{16}$", Text(node, "keyEncryptionKey")));

        JsonElement[] one = Nodes((await own.RunAsync("keys", "rotate", "--node", "participants-1")).Done());
        Assert.Equal(("participants-1", 1, 2), (Text(one[0], "node"), Number(one[0], "fromEpoch"), Number(Assert.Single(one), "epoch")));
        JsonElement[] all = Nodes((await own.RunAsync("keys", "rotate")).Done());
        Assert.Equal([2, 2, 3, 2], all.Select(static node => Number(node, "epoch")));
        Assert.All(all, static node => Assert.True(node.GetProperty("complete").GetBoolean()));
        Assert.True(Number(all[0], "rows") > 0);

        JsonElement[] after = Nodes((await own.RunAsync("keys", "status")).Done());
        Assert.All(after, static node => Assert.Equal(0, Number(node, "earlierRows")));
        Assert.All(
            after, static node => Assert.All(node.GetProperty("keys").EnumerateArray().SkipLast(1), static key => Assert.Equal("retired", Text(key, "phase"))));
        (await own.SignAsync("later")).Done();
        (await own.RunAsync("journal", "verify")).Done();
        Ended shown = await SignerProcess.RunAsync("keys", "status", "--data", own.Path);
        Assert.All(_nodes, node => Assert.Contains(node, shown.Out));
        string secret = (await File.ReadAllTextAsync(own.KeyOf("coordinator"))).Trim();
        Assert.DoesNotContain(secret, shown.Out + shown.Error);
    }

    [Fact]
    public async Task Rewrapping_moves_all_nodes_to_key_files_and_on_to_a_command_and_the_old_keys_open_nothing()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        string files = own.Write("next.json", """{"version":1,"kind":"file","path":"keys/{node}.key"}""");
        JsonElement moved = (await own.RunAsync("keys", "rewrap", "--to", files)).Done();
        Assert.Equal(("file", 4), (Text(moved, "provider"), moved.GetProperty("nodes").GetArrayLength()));
        Assert.All(_nodes, node => Assert.Equal(OwnDirectory.OwnerOnly, File.GetUnixFileMode(own.PathOf($"keys/{node}.key"))));
        Assert.False(File.Exists(Path.Combine(own.Path, "key-provider.next.json")));
        foreach (string node in (string[])["coordinator", "participants/0", "participants/1", "participants/2"])
        {
            File.Delete(own.KeyOf(node));
        }

        (await own.SignAsync("files")).Done();
        string command = own.Write(
            "command.json", $$"""{"version":1,"kind":"command","arguments":["/bin/cat","{{own.PathOf("keys/{node}.key")}}"],"timeoutSeconds":60}""");
        JsonElement on = (await own.RunAsync("keys", "rewrap", "--to", command)).Done();
        Assert.Equal("command", Text(on, "provider"));
        Assert.All(Nodes(on), static node => Assert.Equal(Text(node, "to"), Text(node, "from")));
        (await own.SignAsync("command")).Done();
        Assert.All(Nodes((await own.RunAsync("keys", "status")).Done()), static node => Assert.Equal("command", Text(node, "provider")));
    }

    [Fact]
    public async Task A_rewrap_that_was_interrupted_between_nodes_leaves_all_usable_refuses_another_target_and_is_finished_by_repeating_it()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        string files = own.Write("next.json", """{"version":1,"kind":"file","path":"keys/{node}.key"}""");
        await RewrapOnlyFirstParticipantAsync(own, files);

        (await own.SignAsync("between")).Done();
        Assert.Equal("file", Text((await own.RunAsync("keys", "status")).Done(), "unfinishedRewrap"));
        string other = own.Write("other.json", """{"version":1,"kind":"file","path":"elsewhere/{node}.key"}""");
        (await own.RunAsync("keys", "rewrap", "--to", other)).Failed(2, "rewrap_unfinished");
        Assert.False(Directory.Exists(own.PathOf("elsewhere")));

        File.Move(own.PathOf("keys/participants-0.key"), own.PathOf("lost.key"));
        (await own.RunAsync("keys", "rewrap", "--to", files)).Failed(2, "key_unavailable");
        Assert.False(File.Exists(own.PathOf("keys/participants-0.key")));
        File.Move(own.PathOf("lost.key"), own.PathOf("keys/participants-0.key"));

        (await own.RunAsync("keys", "rewrap", "--to", Path.Combine(own.Path, "key-provider.next.json"))).Done();
        Assert.False((await own.RunAsync("keys", "status")).Done().TryGetProperty("unfinishedRewrap", out _));
        (await own.SignAsync("after")).Done();
    }

    [Fact]
    public async Task A_target_that_is_refused_or_does_not_answer_changes_nothing()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        string env = own.Write("env.json", """{"version":1,"kind":"env","variable":"SIGNER_TEST_KEY"}""");
        (await own.RunAsync("keys", "rewrap", "--to", env)).Failed(2, "key_provider_refused");
        string failing = own.Write("failing.json", """{"version":1,"kind":"command","arguments":["/bin/false"]}""");
        (await own.RunAsync("keys", "rewrap", "--to", failing)).Failed(3, "key_unavailable");
        string odd = own.Write("odd.json", """{"version":1,"kind":"file","path":"a","variable":"b"}""");
        (await own.RunAsync("keys", "rewrap", "--to", odd)).Failed(2, "file_invalid");
        (await own.RunAsync("keys", "rewrap", "--to", own.PathOf("absent.json"))).Failed(2, "data_missing");
        Assert.DoesNotContain(Directory.EnumerateFiles(own.Path), static file => file.Contains("key-provider"));
        (await own.SignAsync("still")).Done();
    }

    [Fact]
    public async Task K4_A_wrong_key_an_exposed_one_and_an_unknown_node_are_usage_errors_and_say_so()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        (await own.RunAsync("keys", "rotate", "--node", "participants-9")).Failed(2, "unknown_node");
        string key = own.KeyOf("participants/0");
        string right = await File.ReadAllTextAsync(key);
        await File.WriteAllTextAsync(key, new string('a', 64));
        JsonElement mismatch = (await own.RunAsync("keys", "rotate")).Failed(2, "key_mismatch");
        Assert.DoesNotContain(new string('a', 64), mismatch.GetRawText());
        (await own.RunAsync("journal", "verify")).Failed(2, "key_mismatch");
        (await own.RunAsync("keys", "status")).Done();
        await File.WriteAllTextAsync(key, right);
        File.SetUnixFileMode(key, OwnDirectory.OwnerOnly | UnixFileMode.GroupRead);
        (await own.RunAsync("keys", "rotate")).Failed(2, "key_file_exposed");

        // The other two sign without it, and say why it takes no part.
        Ended signed = await own.SignAsync("s");
        signed.Done();
        Assert.Contains("participants-0 takes no part", signed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_from_the_environment_is_for_development_only_and_an_unknown_profile_is_production_and_warns()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        string env = own.Write("env.json", """{"version":1,"kind":"env","variable":"SIGNER_TEST_KEY"}""");
        string data = own.PathOf("other");
        string[] keygen = ["keygen", "--data", data, "--participants", "3", "--threshold", "2", "--key-provider", env, "--json"];
        Dictionary<string, string> environment = new() { ["SIGNER_TEST_KEY"] = new string('c', 64), ["SIGNER_PROFILE"] = "staging" };
        Ended refused = await SignerProcess.RunAsync(environment, keygen);
        refused.Failed(2, "key_provider_refused");
        Assert.Contains("production is assumed", refused.Error);
        Assert.False(Directory.Exists(data));

        environment["SIGNER_PROFILE"] = "development";
        Ended made = await SignerProcess.RunAsync(environment, keygen);
        string group = Text(made.Done(), "group");
        Assert.Empty(made.Error);
        string[] sign = ["sign", "--data", data, "--group", group, "--message", DataFixture.Message, "--allow-raw", "--json"];
        (await SignerProcess.RunAsync(environment, sign)).Done();
        (await SignerProcess.RunAsync(sign)).Failed(2, "key_provider_refused");
    }

    [Fact]
    public async Task Keygen_installs_a_provider_in_a_new_directory_and_refuses_another_one_later()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        string files = own.Write("files.json", """{"version":1,"kind":"file","path":"shared.key"}""");
        string data = own.PathOf("other");
        string[] keygen = ["keygen", "--data", data, "--participants", "2", "--threshold", "2", "--json", "--key-provider"];
        (await SignerProcess.RunAsync([.. keygen, files])).Done();
        Assert.True(File.Exists(own.PathOf("shared.key")));
        Assert.False(File.Exists(Path.Combine(data, "coordinator", "key-encryption.key")));
        (await SignerProcess.RunAsync([.. keygen, files])).Done();

        string other = own.Write("other.json", """{"version":1,"kind":"file","path":"another.key"}""");
        (await SignerProcess.RunAsync([.. keygen, other])).Failed(2, "key_provider_conflict");
        (await own.RunAsync("keygen", "--participants", "2", "--threshold", "2", "--key-provider", files)).Failed(2, "key_provider_conflict");
    }

    [Fact]
    public async Task A_running_signer_rotates_over_http_while_data_may_only_be_looked_at()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync(signed: 1);
        await using SignerProcess up = SignerProcess.Start(["up", "--data", own.Path, "--http", "127.0.0.1:0", "--allow-raw"]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        (await own.RunAsync("keys", "rotate")).Failed(3, "data_in_use");
        JsonElement[] rotated = Nodes((await SignerProcess.RunAsync("keys", "rotate", "--url", url, "--json")).Done());
        Assert.Equal(_nodes, rotated.Select(static node => Text(node, "node")));
        Assert.All(rotated, static node => Assert.Equal((1, 2), (Number(node, "fromEpoch"), Number(node, "epoch"))));
        (await SignerProcess.RunAsync("keys", "rotate", "--url", url, "--node", "participants-9", "--json")).Failed(1, "unknown_node");

        JsonElement[] remote = Nodes((await SignerProcess.RunAsync("keys", "status", "--url", url, "--json")).Done());
        Assert.Equal([2, 2, 2, 2], remote.Select(static node => Number(node, "activeEpoch")));
        Assert.Equal([2, 2, 2, 2], Nodes((await own.RunAsync("keys", "status")).Done()).Select(static node => Number(node, "activeEpoch")));
        (await own.RunAsync("journal", "verify")).Done();
        Assert.Empty((await SignerProcess.RunAsync("journal", "quarantine", "list", "--url", url, "--json")).Done().GetProperty("entities").EnumerateArray());
        (await SignerProcess.RunAsync("sign", "--url", url, "--group", own.Group, "--message", DataFixture.Message, "--session", "after", "--json")).Done();
        Assert.Equal(0, (await up.StopAsync()).ExitCode);
    }

    /// <summary>What a rewrap has done when it is killed after the first participant's turn.</summary>
    private static async Task RewrapOnlyFirstParticipantAsync(OwnDirectory own, string document)
    {
        using DataDirectory data = DataDirectory.Hold(own.Path);
        KeyProviderSettings.Install(document, data.NextKeyProviderPath);
        NodeDirectory first = data.Participant(0);
        KeyProviderSettings next = KeyProviders.Next(data, first);
        KeyProviders.CreateKeyIfMissing(next);
        await using JournalSystem system = JournalSystem.StartLocal(
            [.. data.Participants.Prepend(data.Coordinator).Select(static one => one.Name)], NullLoggerFactory.Instance);
        await using NodeStorage storage = await NodeStorage.OpenAsync(system, data, first, new NodeStorageSettings(), NullLoggerFactory.Instance);
        await storage.Keeper.RewrapAsync(KeyProviders.Create(next), CancellationToken.None);
    }

    private static JsonElement[] Nodes(JsonElement document) => [.. document.GetProperty("nodes").EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
}
