using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SignerCluster.Cluster.Tests;

/// <summary>
/// What an operator of one node of a real cluster meets: a database that is set up wrongly, certificates, keys that move. One cluster for all of it, because
/// making one takes longer than everything that is done to it.
/// </summary>
public sealed class BadDaysTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly Signer _signer = new();
    private JsonElement _cluster;

    public async Task InitializeAsync()
    {
        await _signer.InitializeAsync();
        _cluster = await _signer.JsonAsync("cluster", "up", "--participants", "2", "--coordinators", "1", "--http-port", $"{Signer.FreePorts()}", "--no-nodes");
    }

    public Task DisposeAsync() => _signer.DisposeAsync();

    [Fact]
    public async Task Every_wrong_set_up_stops_a_node_with_what_to_do_and_nodes_speak_tls_with_the_database()
    {
        await ADatabaseThatIsSetUpWronglyStopsTheNodeAsync();
        await ACertificateThatTheRosterDoesNotPinStopsTheNodeAsync();
        await OperatorsLookAfterADatabaseByTheConfigurationOfItsNodesAsync();
        await ANodeWhosePartyIsSaidToRunElsewhereWaitsAndSaysSoAsync();
        await ANodeWithTheNameTheAddressOrNotTheRosterOfAnotherWaitsAndSaysSoAsync();
        await ANodeSpeaksTlsWithItsDatabaseAndTrustsNoStrangersAsync();
    }

    private async Task ADatabaseThatIsSetUpWronglyStopsTheNodeAsync()
    {
        Sql("alice", "INSERT INTO signer.schema_version (version, script) VALUES (999, '999.Future')");
        await StopsAsync("alice-1", "schema_newer", "Upgrade the binary");
        Sql("alice", "DELETE FROM signer.schema_version WHERE version = 999");

        Sql("alice", "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA signer FROM signer_alice");
        await StopsAsync("alice-1", "storage_no_rights", "signer journal roles");
        Sql("alice", "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA signer TO signer_alice");

        await StopsAsync("alice-1", "storage_absent", "signer journal migrate", ("SIGNER_DATABASE_NAME", "signer_nobody"));
        await StopsAsync("alice-1", "storage_login_refused", "its password", ("SIGNER_DATABASE_USER", "signer_bob"));
        await StopsAsync(
            "alice-1",
            "roster_mismatch",
            "Correct node.roles and the party",
            ("SIGNER_PARTY", "coordinator"),
            ("SIGNER_SECRETS", Path.Combine(_signer.Folder, "secrets/coordinator")));

        Sql("bob", "DROP SCHEMA signer CASCADE");
        await StopsAsync("bob-1", "schema_older", "signer journal migrate --config FILE");
        (int exit, string script, string errors) = await _signer.RunAsync("journal", "roles");
        Assert.True(exit == 0, errors);
        Run("psql", script, SuperuserEnvironment, [.. Psql("signer_bob"), "-v", "owner=signer_bob_owner", "-v", "node=signer_bob"]);
        JsonElement migrated = await JsonAsync(
            "bob-1",
            "journal",
            "migrate",
            "--user",
            "signer_bob_owner",
            "--password-file",
            Path.Combine(_signer.Folder, "secrets/bob/database-owner-password"));
        Assert.Equal("bob", migrated.GetProperty("databases")[0].GetProperty("party").GetString());
        await JsonAsync("bob-1", "seat", "install", "--bundle", Path.Combine(_signer.Folder, "bundles/bob.json"));
    }

    private async Task ACertificateThatTheRosterDoesNotPinStopsTheNodeAsync()
    {
        string secrets = Path.Combine(_signer.Folder, "secrets/alice");
        string aside = Path.Combine(_signer.Folder, "aside");
        Directory.CreateDirectory(aside);
        foreach (string file in (string[])["node.pem", "node.key"])
        {
            File.Move(Path.Combine(secrets, file), Path.Combine(aside, file));
        }

        await StopsAsync("alice-1", "certificate_unreadable", "node.pem");
        await _signer.JsonAsync("pki", "certificate", "--out", Path.Combine(secrets, "node"));
        await StopsAsync("alice-1", "certificate_not_pinned", "operators");
        foreach (string file in (string[])["node.pem", "node.key"])
        {
            File.Move(Path.Combine(aside, file), Path.Combine(secrets, file), overwrite: true);
        }
    }

    private async Task OperatorsLookAfterADatabaseByTheConfigurationOfItsNodesAsync()
    {
        JsonElement keys = (await JsonAsync("alice-1", "keys", "status")).GetProperty("nodes")[0];
        Assert.Equal(("alice", 1), (keys.GetProperty("node").GetString(), keys.GetProperty("activeEpoch").GetInt32()));
        JsonElement rotated = (await JsonAsync("alice-1", "keys", "rotate")).GetProperty("nodes")[0];
        Assert.Equal((2, true), (rotated.GetProperty("epoch").GetInt32(), rotated.GetProperty("complete").GetBoolean()));
        Assert.True((await JsonAsync("alice-1", "journal", "verify")).GetProperty("verified").GetBoolean());
        Assert.Empty((await JsonAsync("alice-1", "journal", "quarantine", "list")).GetProperty("entities").EnumerateArray());

        string document = Path.Combine(_signer.Folder, "next-provider.json");
        string key = Path.Combine(_signer.Folder, "next.key");
        await File.WriteAllTextAsync(document, $$"""{"version":1,"kind":"file","path":"{{key}}"}""");
        JsonElement moved = (await JsonAsync("alice-1", "keys", "rewrap", "--to", document)).GetProperty("nodes")[0];
        Assert.Equal(keys.GetProperty("keyEncryptionKey").GetString(), moved.GetProperty("from").GetString());
        Assert.Equal(
            moved.GetProperty("to").GetString(),
            (await JsonAsync("alice-1", "keys", "rewrap", "--to", document)).GetProperty("nodes")[0].GetProperty("from").GetString());
        await StopsAsync("alice-1", "key_mismatch", "name the new provider in the configuration");
        File.Move(key, Path.Combine(_signer.Folder, "secrets/alice/key-encryption.key"), overwrite: true);
        using Process node = Start("alice-1");
        await WorksAsync("alice-1", node);
        await EndAsync(node);
    }

    private async Task ANodeWhosePartyIsSaidToRunElsewhereWaitsAndSaysSoAsync()
    {
        string config = Path.Combine(_signer.Folder, "two.conf");
        int port = Signer.FreePorts();
        await File.WriteAllTextAsync(config, $$"""
            include required("{{Node("alice-1").GetProperty("config").GetString()!}}")
            participant.nodes { listen = "127.0.0.1:{{port}}", all = ["127.0.0.1:{{port}}", "127.0.0.1:1"] }
            """);
        using Process other = Start("psql", SuperuserEnvironment, Psql("signer_alice"));
        await other.StandardInput.WriteLineAsync("SELECT pg_advisory_lock_shared(1852793957, 7);");
        await other.StandardInput.FlushAsync();
        string locked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1852793957 AND granted";
        while (Sql("alice", locked).Trim() != "1")
        {
            Assert.False(other.HasExited);
        }

        using Process node = _signer.Start(Environment("alice-1"), "node", "--config", config);
        await MissesAsync(Url("alice-1"), node, static down => down.Contains("none of 127.0.0.1:1 answered", StringComparison.Ordinal));
        other.Kill();
        await WorksAsync("alice-1", node);
        await EndAsync(node);
    }

    private async Task ANodeWithTheNameTheAddressOrNotTheRosterOfAnotherWaitsAndSaysSoAsync()
    {
        string rosterFile = Path.Combine(_signer.Folder, "roster-of-others.json");
        JsonNode roster = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_signer.Folder, "roster.json")))!;
        JsonNode[] others = [.. roster["parties"]!.AsArray().Where(static party => party!["name"]!.GetValue<string>() != "alice").OfType<JsonNode>()];
        string identity = others[0]["identity"]!.GetValue<string>();
        others[0]["identity"] = others[1]["identity"]!.GetValue<string>();
        others[1]["identity"] = identity;
        await File.WriteAllTextAsync(rosterFile, roster.ToJsonString());
        string elsewhere = $"127.0.0.1:{Signer.FreePorts()}";
        (string, string)[] moved = [("SIGNER_NODES_LISTEN", elsewhere), ("SIGNER_NODES_ALL", elsewhere)];
        using Process first = Start("alice-1");
        await WorksAsync("alice-1", first);
        await WaitsAsync("Another process runs as the node alice-1 of alice", moved);
        await WaitsAsync("nodes.listen of alice) cannot be listened on", ("SIGNER_NODE_NAME", "alice-2"));
        await WaitsAsync("run with another roster than", [.. moved, ("SIGNER_NODE_NAME", "alice-2"), ("SIGNER_ROSTER", rosterFile)]);
        await WorksAsync("alice-1", first);
        await EndAsync(first);
    }

    /// <summary>Runs a second node of Alice's, which must say what it waits for.</summary>
    private async Task WaitsAsync(string forWhat, params (string Name, string Value)[] changes)
    {
        string http = $"127.0.0.1:{Signer.FreePorts()}";
        using Process second = _signer.Start(
            Environment("alice-1", [.. changes, ("SIGNER_HTTP_LISTEN", http)]), "node", "--config", Node("alice-1").GetProperty("config").GetString()!);
        await MissesAsync($"http://{http}", second, down => down.Contains(forWhat, StringComparison.Ordinal));
        await EndAsync(second);
    }

    private async Task ANodeSpeaksTlsWithItsDatabaseAndTrustsNoStrangersAsync()
    {
        string tls = Path.Combine(_signer.Folder, "tls");
        await _signer.JsonAsync("pki", "certificates", "--out", tls, "--host", "localhost", "--host", "127.0.0.1");
        Run("sh", string.Empty, [], ["-c", $"test $(id -u) -ne 0 || chown postgres {tls}/database.key"]);
        Sql("postgres", $"ALTER SYSTEM SET ssl_cert_file = '{tls}/database.pem'");
        Sql("postgres", $"ALTER SYSTEM SET ssl_key_file = '{tls}/database.key'");
        Sql("postgres", "ALTER SYSTEM SET ssl = on");
        Sql("postgres", "SELECT pg_reload_conf()");

        string config = Path.Combine(_signer.Folder, "tls.conf");
        string common = Node("alice-1").GetProperty("config").GetString()!;
        await File.WriteAllTextAsync(config, $$"""
            include required("{{common}}")
            participant.database { tls = verify, ca-file = "{{tls}}/ca.pem" }
            """);
        Dictionary<string, string> environment = Environment("alice-1");
        using (Process node = _signer.Start(environment, "node", "--config", config))
        {
            await WorksAsync("alice-1", node);
            Assert.Equal("t", Sql("postgres", "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'signer_alice'").Trim());
            await EndAsync(node);
        }

        string others = Path.Combine(_signer.Folder, "others");
        await _signer.JsonAsync("pki", "certificates", "--out", others, "--host", "localhost", "--host", "127.0.0.1");
        await File.AppendAllTextAsync(config, $"\nparticipant.database.ca-file = \"{others}/ca.pem\"\n");
        (int exit, _, string errors) = await _signer.RunAsync(environment, "node", "--config", config);
        AssertStopped(exit, errors, "storage_not_trusted", "leads to no authority that is trusted");
    }

    /// <summary>Runs a node, which must end by itself with exit code 2, this code and this advice.</summary>
    private async Task StopsAsync(string node, string code, string advice, params (string Name, string Value)[] changes)
    {
        (int exit, _, string errors) = await _signer.RunAsync(Environment(node, changes), "node", "--config", Node(node).GetProperty("config").GetString()!);
        AssertStopped(exit, errors, code, advice);
    }

    private static void AssertStopped(int exit, string errors, string code, string advice)
    {
        Assert.True(
            exit == 2 && errors.Contains($"{code} (usage)", StringComparison.Ordinal) && errors.Contains(advice, StringComparison.Ordinal),
            $"{exit} instead of {code}: {errors}");
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private Process Start(string node) => _signer.Start(Environment(node), "node", "--config", Node(node).GetProperty("config").GetString()!);

    private async Task<JsonElement> JsonAsync(string node, params string[] words)
    {
        (int exit, string output, string errors) = await _signer.RunAsync(
            Environment(node), [.. words, "--config", Node(node).GetProperty("config").GetString()!, "--json"]);
        Assert.True(exit == 0, $"signer {string.Join(' ', words)} ended with {exit}: {output}{errors}");
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Returns when the node misses nothing but the coordinators, which do not run here.</summary>
    private Task WorksAsync(string node, Process process) =>
        MissesAsync(Url(node), process, static down => down.StartsWith("links (", StringComparison.Ordinal));

    /// <summary>Returns when what the node says that it misses is what is expected.</summary>
    private static async Task MissesAsync(string url, Process process, Predicate<string> expected)
    {
        using HttpClient http = new();
        long start = TimeProvider.System.GetTimestamp();
        string down = string.Empty;
        while (!expected(down))
        {
            Assert.False(process.HasExited, $"{url} ended.");
            Assert.True(TimeProvider.System.GetElapsedTime(start) < _patience, $"{url} still misses {down}.");
            try
            {
                using HttpResponseMessage answer = await http.GetAsync($"{url}/readyz");
                JsonElement problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
                down = problem.GetProperty("evidence").GetProperty("down").GetString()!;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
    }

    private static async Task EndAsync(Process node)
    {
        Run("kill", string.Empty, [], ["-TERM", $"{node.Id}"]);
        await node.WaitForExitAsync().WaitAsync(_patience);
        Assert.Equal(0, node.ExitCode);
    }

    private string Url(string node) => Node(node).GetProperty("url").GetString()!;

    private JsonElement Node(string name) => _cluster.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("name").GetString() == name);

    private Dictionary<string, string> Environment(string node, params (string Name, string Value)[] changes)
    {
        Dictionary<string, string> environment = Node(node).GetProperty("environment").EnumerateObject()
            .ToDictionary(static variable => variable.Name, static variable => variable.Value.GetString()!, StringComparer.Ordinal);
        foreach ((string name, string value) in changes)
        {
            environment[name] = value;
        }

        return environment;
    }

    private JsonElement Postgres => _cluster.GetProperty("servers").GetProperty("postgres");

    private Dictionary<string, string> SuperuserEnvironment =>
        new(StringComparer.Ordinal) { ["PGPASSWORD"] = File.ReadAllText(Postgres.GetProperty("passwordFile").GetString()!).Trim() };

    private string[] Psql(string database) =>
    [
        "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", $"{Postgres.GetProperty("port").GetInt32()}",
        "-U", Postgres.GetProperty("superuser").GetString()!, "-d", database,
    ];

    private string Sql(string party, string sql) => Run("psql", sql, SuperuserEnvironment, Psql(party == "postgres" ? party : $"signer_{party}"));

    private static Process Start(string program, Dictionary<string, string> environment, string[] words)
    {
        ProcessStartInfo start = new(program, words) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static string Run(string program, string input, Dictionary<string, string> environment, string[] words)
    {
        using Process process = Start(program, environment, words);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', words)} ended with {process.ExitCode}: {output}");
        return output;
    }
}
