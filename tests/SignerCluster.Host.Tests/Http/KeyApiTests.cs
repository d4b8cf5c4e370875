using System.Net;
using System.Text.Json;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Keys and quarantine over HTTP.</summary>
public sealed class KeyApiTests
{
    private const string Rotation = "/v1/keys/rotation";

    [Fact]
    public async Task A_rotation_of_one_node_or_all_shows_in_the_status_and_no_key_is_in_any_answer_or_log()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Answer one = await host.PostAsync("""{"node":"participants-1"}""", Rotation);
        Answer all = await host.PostAsync("{}", Rotation);
        Answer status = await host.GetAsync("/v1/keys");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (one.Status, all.Status, status.Status));
        Assert.Equal("participants-1", Assert.Single(one.Json.GetProperty("nodes").EnumerateArray()).GetProperty("node").GetString());
        JsonElement[] nodes = [.. status.Json.GetProperty("nodes").EnumerateArray()];
        Assert.Equal([2, 2, 3, 2], nodes.Select(static node => node.GetProperty("activeEpoch").GetInt32()));
        foreach (NodeStorage node in host.Nodes)
        {
            string secret = (await File.ReadAllTextAsync(node.Node.KeyPath)).Trim();
            Assert.DoesNotContain(secret, one.Text + all.Text + status.Text + host.Logs.All, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("""{"node":"participants-9"}""", "unknown_node")]
    [InlineData("""{"nodes":"all"}""", "malformed_json")]
    [InlineData("""{"node":7}""", "malformed_json")]
    [InlineData("""{"node":"coordinator","node":"coordinator"}""", "malformed_json")]
    [InlineData("null", "malformed_json")]
    [InlineData("", "malformed_json")]
    [InlineData("{} {}", "malformed_json")]
    public async Task A_rotation_that_is_not_asked_for_rightly_rotates_nothing(string body, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        (await host.PostAsync(body, Rotation)).ShouldBeProblem(HttpStatusCode.BadRequest, code);
        (await host.PostAsync("{}", Rotation + "?node=coordinator")).ShouldBeProblem(HttpStatusCode.BadRequest, "unknown_parameter");
        using StringContent form = new("{}");
        (await host.SendAsync(HttpMethod.Post, Rotation, form)).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "media_type_unsupported");
        Assert.All(
            (await host.GetAsync("/v1/keys")).Json.GetProperty("nodes").EnumerateArray(),
            static node => Assert.Equal(1, node.GetProperty("activeEpoch").GetInt32()));
    }

    [Fact]
    public async Task K3_A_rotation_without_its_provider_is_unavailable_and_works_again_afterwards()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        string key = host.Nodes[0].Node.KeyPath;
        File.Move(key, key + ".away");
        (await host.PostAsync("{}", Rotation)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "key_unavailable");
        File.Move(key + ".away", key);
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync("{}", Rotation)).Status);
    }

    [Fact]
    public async Task Keys_and_quarantine_need_the_token_like_everything_else()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Token = new string('t', 32) });
        (await host.GetAsync("/v1/keys")).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        (await host.GetAsync("/v1/quarantine")).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        (await host.PostAsync("{}", Rotation)).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
    }

    [Fact]
    public async Task With_nothing_in_quarantine_the_list_is_empty_and_readiness_counts_none()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Assert.Empty((await host.GetAsync("/v1/quarantine")).Json.GetProperty("entities").EnumerateArray());
        Assert.Equal(0, (await host.GetAsync("/readyz")).Json.GetProperty("quarantined").GetInt32());
    }
}
