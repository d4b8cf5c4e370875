using System.Net;
using System.Text.Json;
using SignerCluster.Host.Tests.Verbs;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>What keeps a node from starting before it speaks to any server, and what it does while a server is not there.</summary>
public sealed class NodeStartTests : IDisposable
{
    private readonly NodeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("participant.identity-file = stranger.key", "roster_mismatch", "Use that party's file")]
    [InlineData("participant.party = mallory", "roster_mismatch", "has no party mallory")]
    [InlineData("participant { party = coordinator, identity-file = coordinator-identity.key }", "roster_mismatch", "Correct node.roles and the party")]
    [InlineData("node.roster-file = none.json", "roster_missing", "none.json")]
    [InlineData("participant.identity-file = none.key", "identity_missing", "none.key")]
    [InlineData("node.roles = [coordinator]", "config_invalid", "the configuration of another role")]
    [InlineData("participant.database.password-file = none", "password_file_missing", "none")]
    [InlineData("participant.database { host = localhost, tls = verify, ca-file = none.pem }", "certificate_missing", "signer pki certificates")]
    [InlineData("participant.database { tls = verify, ca-file = roster.json }", "certificate_invalid", "roster.json")]
    [InlineData("participant.database { tls = off, host = d.example }", "config_invalid", "participant.database.tls")]
    [InlineData("participant.tls { certificate-file = other.pem, key-file = other.key }", "certificate_not_pinned", "operators")]
    [InlineData("participant.tls.certificate-file = none.pem", "certificate_unreadable", "none.pem")]
    [InlineData("participant.tls.key-file = none.key", "certificate_unreadable", "none.key")]
    [InlineData("participant.tls.key-file = other.key", "certificate_unreadable", "other.key")]
    [InlineData("participant.nodes { listen = \"127.0.0.1:1\", all = \"127.0.0.1:2\" }", "config_invalid", "participant.nodes.all")]
    public async Task What_only_a_person_can_mend_stops_the_node_with_what_to_do(string changes, string code, string advice)
    {
        Ended ended = await _folder.RunAsync(changes);
        Assert.True(ended.ExitCode == 2 && ended.Error.Contains($"{code} (usage)", StringComparison.Ordinal), $"{ended.ExitCode}: {ended.Error}");
        Assert.Contains(advice, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_has_expired_stops_the_node_and_is_named_with_its_time()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string path = TestAuthority.Write(_folder.PathOf("ca.pem"), now - TimeSpan.FromDays(91), now - TimeSpan.FromDays(1));
        Ended ended = await _folder.RunAsync("participant.database { tls = verify, ca-file = ca.pem }");
        Assert.True(ended.ExitCode == 2 && ended.Error.Contains("certificate_expired", StringComparison.Ordinal), $"{ended.ExitCode}: {ended.Error}");
        string[] parts = [path, TestAuthority.Subject, "expired on", "signer pki certificates"];
        Assert.All(parts, part => Assert.Contains(part, ended.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_whose_database_is_not_there_serves_health_says_what_it_waits_for_and_can_be_stopped()
    {
        await using SignerProcess node = SignerProcess.Start(["node", "--config", _folder.Write()]);
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{_folder.HttpPort}"), Timeout = TimeSpan.FromSeconds(90) };
        using HttpResponseMessage ready = await AskAsync(http, "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        JsonElement problem = JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement;
        string database = $"127.0.0.1:{_folder.Nowhere}/alice";
        Assert.Equal("not_ready", problem.GetProperty("code").GetString());
        Assert.Contains(database, problem.GetProperty("evidence").GetProperty("down").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/v1/groups")).StatusCode);

        Ended ended = await node.StopAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains($"storage_unavailable): The database {database} cannot be reached", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, string path)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await http.GetAsync(path);
            }
            catch (HttpRequestException) when (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60))
            {
                await Task.Yield();
            }
        }
    }
}
