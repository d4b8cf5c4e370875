using System.Diagnostics;
using System.Text.Json;

namespace SignerCluster.Cluster.Tests;

/// <summary>What an operator sees of a cluster that runs.</summary>
public sealed class OperatingTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly Signer _signer = new();
    private static readonly HttpClient _http = new();
    private JsonElement _cluster;

    public async Task InitializeAsync()
    {
        await _signer.InitializeAsync();
        _cluster = await _signer.JsonAsync("cluster", "up", "--participants", "2", "--http-port", $"{Signer.FreePorts()}");
    }

    public Task DisposeAsync() => _signer.DisposeAsync();

    [Fact]
    public async Task An_operator_sees_members_shards_links_and_certificates()
    {
        await _signer.JsonAsync(
            "sign", "--url", Url("coordinator-1"), "--group", _cluster.GetProperty("group").GetString()!, "--message", new string('a', 64), "--allow-raw");
        await MetricsHaveThemAsync();
        await StatusHasThemAsync();
        await ACertificateThatCannotBeReadIsWarnedOfAsync();
        await ANodeThatIsGoneIsSeenAsync();
    }

    private async Task MetricsHaveThemAsync()
    {
        string[] coordinator = await LinesAsync("coordinator-1", "signer_links_up{");
        AssertFigure(coordinator, 1, "signer_links_up", "party=\"coordinator\"", "peer=\"alice/alice-1\"");
        AssertFigure(coordinator, 1, "signer_links_up", "peer=\"bob/bob-1\"");
        AssertFigure(coordinator, 2, "signer_cluster_members", "party=\"coordinator\"", "status=\"up\"");
        AssertFigure(coordinator, 364, "signer_certificate_days_left", "certificate=\"link\"");
        AssertFigure(coordinator, 364, "signer_certificate_days_left", "certificate=\"peer\"", "peer=\"alice/alice-1\"");

        // The shards are looked at every two seconds.
        string[] alice = await LinesAsync("alice-1", "signer_shards_hosted");
        AssertFigure(alice, 1, "signer_cluster_members", "party=\"alice\"");
        Assert.NotEmpty(await LinesAsync("alice-1", "signer_shards_moved_total"));
        AssertFigure(alice, 1, "signer_keys_epoch", "party=\"alice\"");
        Assert.Contains(alice, static line => line.StartsWith("signer_entities_active", StringComparison.Ordinal));
    }

    private async Task StatusHasThemAsync()
    {
        JsonElement status = await _signer.JsonAsync("cluster", "status");
        JsonElement role = Roles(status, "coordinator-1")[0];
        Assert.Equal(("coordinator", "coordinator"), (role.GetProperty("role").GetString(), role.GetProperty("party").GetString()));
        JsonElement[] members = [.. role.GetProperty("members").EnumerateArray()];
        Assert.Equal([true, false], members.Select(static member => member.GetProperty("oldest").GetBoolean()));
        Assert.All(members, static member => Assert.Equal("up", member.GetProperty("status").GetString()));
        Assert.Equal(["alice/alice-1", "bob/bob-1"], Links(status, "coordinator-1").Select(static link => link.GetProperty("peer").GetString()).Order());
        Assert.Equal(2, Links(status, "alice-1").Length);
        Assert.NotEqual(0, Roles(status, "alice-1")[0].GetProperty("regions")[0].GetProperty("shards").GetInt32());

        (_, string table, _) = await _signer.RunAsync("cluster", "status");
        Assert.All(["oldest", "roast-coordinator", "signing-session", "alice/alice-1"], word => Assert.Contains(word, table, StringComparison.Ordinal));
    }

    private async Task ACertificateThatCannotBeReadIsWarnedOfAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_signer.Folder, "secrets/alice/node.pem"), "half a certificate");
        JsonElement warnings = default;
        await UntilAsync(async () =>
        {
            JsonElement ready = JsonDocument.Parse(await _http.GetStringAsync($"{Url("alice-1")}/readyz")).RootElement;
            return ready.TryGetProperty("warnings", out warnings);
        });
        Assert.StartsWith("participant.tls of alice changed and cannot be used", warnings[0].GetString(), StringComparison.Ordinal);
    }

    private async Task ANodeThatIsGoneIsSeenAsync()
    {
        using (Process bob = Process.GetProcessById(Node("bob-1").GetProperty("pid").GetInt32()))
        {
            bob.Kill();
        }

        JsonElement link = default;
        await UntilAsync(async () =>
        {
            link = Links(await _signer.JsonAsync("cluster", "status"), "coordinator-1").Single(static one => one.GetProperty("party").GetString() == "bob");
            return !link.GetProperty("up").GetBoolean();
        });
        Assert.Equal("link_lost", link.GetProperty("fault").GetString());
        AssertFigure(await LinesAsync("coordinator-1", "signer_links_up{"), 0, "signer_links_up", "peer=\"bob/bob-1\"");
    }

    /// <summary>A scrape that has a figure of that name.</summary>
    private async Task<string[]> LinesAsync(string node, string name)
    {
        string[] lines = [];
        await UntilAsync(async () =>
        {
            lines = (await _http.GetStringAsync($"{Url(node)}/metrics")).Split('\n');
            return lines.Any(line => line.StartsWith(name, StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
        });
        return lines;
    }

    private static void AssertFigure(string[] lines, int expected, string name, params string[] labels)
    {
        string line = Assert.Single(lines, line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && labels.All(line.Contains));
        Assert.EndsWith($" {expected}", line, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < _patience, "It did not come to be so.");
        }
    }

    private JsonElement Node(string name) => Node(_cluster, name);

    private string Url(string node) => Node(node).GetProperty("url").GetString()!;

    private static JsonElement Node(JsonElement cluster, string name) =>
        cluster.GetProperty("nodes").EnumerateArray().Single(node => node.GetProperty("name").GetString() == name);

    private static JsonElement Roles(JsonElement status, string node) => Node(status, node).GetProperty("cluster").GetProperty("roles");

    private static JsonElement[] Links(JsonElement status, string node) => [.. Roles(status, node)[0].GetProperty("links").EnumerateArray()];
}
