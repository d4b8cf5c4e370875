using System.Net;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.Durability;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Groups, health, readiness and the description.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public async Task A_group_shows_its_public_data()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Threshold = 3, Participants = 5 });

        JsonElement shown = (await host.GetAsync($"/v1/groups/{host.Group}")).Json;
        JsonElement listed = Assert.Single((await host.GetAsync("/v1/groups")).Json.GetProperty("groups").EnumerateArray());

        XOnlyPublicKey outputKey = Taproot.OutputKey(host.GroupKey, merkleRoot: null);
        StoredGroup stored = Assert.Single(host.Cluster.Groups.Groups);
        Assert.Equal(host.Group.ToString(), shown.GetProperty("group").GetString());
        Assert.Equal(stored.Group.GroupKey.ToString(), shown.GetProperty("groupKey").GetString());
        Assert.Equal(outputKey.ToString(), shown.GetProperty("outputKey").GetString());
        Assert.Equal((3, 5), (shown.GetProperty("threshold").GetInt32(), shown.GetProperty("participants").GetInt32()));
        Assert.Equal("active", shown.GetProperty("lifecycle").GetString());
        Assert.Equal(SegwitAddress.PayToTaproot(Network.Mainnet, outputKey), shown.GetProperty("addresses").GetProperty("mainnet").GetString());
        Assert.StartsWith($"tr({shown.GetProperty("group").GetString()})#", shown.GetProperty("descriptor").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("tb1p", shown.GetProperty("addresses").GetProperty("testnet").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("bcrt1p", shown.GetProperty("addresses").GetProperty("regtest").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            stored.Group.Seats.Select(seat => stored.Group.PublicShare(seat).ToString()),
            shown.GetProperty("publicShares").EnumerateArray().Select(static share => share.GetString()));
        Assert.Equal(shown.GetRawText(), listed.GetRawText());
    }

    [Fact]
    public async Task Health_says_that_the_process_serves_even_when_nothing_else_works()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        host.Journal.Fail(new JournalException("storage_unavailable", "gone", isTransient: true));
        await host.StopParticipantsAsync(0, 1, 2);

        Answer answer = await host.GetAsync("/healthz");

        Assert.Equal((HttpStatusCode.OK, "serving"), (answer.Status, answer.Json.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Readiness_counts_participants_and_ends_below_the_threshold()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        Answer all = await host.GetAsync("/readyz");
        await host.StopParticipantsAsync(0);
        Answer enough = await host.GetAsync("/readyz");
        await host.StopParticipantsAsync(2);
        Answer tooFew = await host.GetAsync("/readyz");
        host.StartParticipants(2);
        Answer again = await host.GetAsync("/readyz");

        Assert.Equal((HttpStatusCode.OK, 3, 3), Reachable(all));
        Assert.Equal((HttpStatusCode.OK, 2, 3), Reachable(enough));
        Assert.Equal((HttpStatusCode.OK, 2, 3), Reachable(again));
        JsonElement evidence = tooFew.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "not_ready").GetProperty("evidence");
        Assert.Equal(
            ("participants", "up", "1", "3", "2"),
            (Text(evidence, "down"), Text(evidence, "journal"), Text(evidence, "reachable"), Text(evidence, "participants"), Text(evidence, "needed")));
        Assert.NotNull(tooFew.Headers.RetryAfter);
    }

    [Fact]
    public async Task Readiness_ends_while_the_journal_fails()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        host.Journal.Fail(new JournalException("storage_unavailable", "gone", isTransient: true));

        Answer failing = await host.GetAsync("/readyz");
        host.Journal.Fail(null);
        Answer again = await host.GetAsync("/readyz");

        JsonElement evidence = failing.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "not_ready").GetProperty("evidence");
        Assert.Equal(("journal", "down", "3"), (Text(evidence, "down"), Text(evidence, "journal"), Text(evidence, "reachable")));
        Assert.Equal(HttpStatusCode.OK, again.Status);
    }

    [Fact]
    public async Task Asking_for_readiness_leaves_nothing_behind()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        await host.GetAsync("/readyz");

        Assert.Empty((await host.GetAsync(host.SessionsPath)).Json.GetProperty("sessions").EnumerateArray());
        Answer signed = await host.SignAsync("readyz", new string('a', 64), wait: 30);
        Assert.Equal((HttpStatusCode.OK, "completed"), (signed.Status, signed.State));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task The_description_lists_every_path_with_its_answers()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        Answer answer = await host.GetAsync("/openapi/v1.json");

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.Status, answer.MediaType));
        Assert.StartsWith("3.", answer.Json.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Dictionary<string, string[]> described = answer.Json.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Select(operation => (Name: $"{operation.Name} {path.Name}", operation.Value)))
            .ToDictionary(
                static operation => operation.Name,
                static operation =>
                    operation.Value.GetProperty("responses").EnumerateObject().Select(static response => response.Name).Order(StringComparer.Ordinal).ToArray(),
                StringComparer.Ordinal);
        Dictionary<string, string[]> expected = new(StringComparer.Ordinal)
        {
            ["get /healthz"] = ["200"],
            ["get /readyz"] = ["200", "503"],
            ["get /v1/keys"] = ["200", "400", "401", "503"],
            ["post /v1/keys/rotation"] = ["200", "400", "401", "408", "413", "415", "503"],
            ["get /v1/quarantine"] = ["200", "400", "401"],
            ["get /v1/groups"] = ["200", "401"],
            ["get /v1/groups/{group}"] = ["200", "400", "401", "404"],
            ["get /v1/groups/{group}/sessions"] = ["200", "400", "401", "404", "503"],
            ["post /v1/groups/{group}/sessions"] = ["200", "202", "400", "401", "403", "404", "408", "409", "413", "415", "422", "503"],
            ["get /v1/groups/{group}/sessions/{id}"] = ["200", "400", "401", "404", "503"],
            ["get /v1/groups/{group}/withdrawals"] = ["200", "400", "401", "404", "503"],
            ["post /v1/groups/{group}/withdrawals"] = ["200", "202", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "503"],
            ["get /v1/groups/{group}/withdrawals/{id}"] = ["200", "400", "401", "404", "409", "503"],
            ["get /v1/groups/{group}/capacity"] = ["200", "400", "401", "404", "409", "503"],
            ["get /v1/groups/{group}/guardian"] = ["200", "400", "401", "404", "503"],
            ["post /v1/groups/{group}/guardian"] = ["200", "400", "401", "404", "408", "413", "415", "422", "503"],
            ["post /v1/groups/{group}/guardian/freeze"] = ["200", "400", "401", "404", "408", "409", "413", "415", "422", "503"],
            ["post /v1/groups/{group}/guardian/unfreeze"] = ["200", "400", "401", "404", "408", "409", "413", "415", "422", "503"],
            ["post /v1/groups/{group}/stop"] = ["200", "400", "401", "404", "408", "409", "413", "415", "422", "503"],
            ["post /v1/groups/{group}/resume"] = ["200", "400", "401", "404", "408", "409", "413", "415", "422", "503"],
        };
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, row => Assert.Equal(row.Value, described[row.Key]));
    }

    [Fact]
    public async Task The_description_tells_problems_parameters_and_the_token()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        JsonElement document = (await host.GetAsync("/openapi/v1.json")).Json;

        JsonElement post = document.GetProperty("paths").GetProperty("/v1/groups/{group}/sessions").GetProperty("post");
        JsonElement conflict =
            post.GetProperty("responses").GetProperty("409").GetProperty("content").GetProperty("application/problem+json").GetProperty("schema");
        Assert.Equal("#/components/schemas/ProblemResponse", Text(conflict, "$ref"));
        JsonElement schemas = document.GetProperty("components").GetProperty("schemas");
        string[] problemFields = [.. schemas.GetProperty("ProblemResponse").GetProperty("properties").EnumerateObject().Select(static field => field.Name)];
        Assert.Equal(["type", "title", "status", "detail", "code", "class", "evidence"], problemFields);
        JsonElement body = schemas.GetProperty("SessionRequest");
        Assert.Equal(
            ["sessionId", "message", "psbt", "approvals", "proof"], body.GetProperty("properties").EnumerateObject().Select(static field => field.Name));
        Assert.Equal(["group", "wait"], post.GetProperty("parameters").EnumerateArray().Select(static parameter => Text(parameter, "name")));
        Assert.Equal(60, Number(post.GetProperty("parameters")[1].GetProperty("schema").GetProperty("maximum")));
        JsonElement scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (Text(scheme, "type"), Text(scheme, "scheme")));
        Assert.True(document.GetProperty("security")[0].TryGetProperty("bearer", out _));
        Assert.Equal(0, document.GetProperty("paths").GetProperty("/healthz").GetProperty("get").GetProperty("security").GetArrayLength());
    }

    private static (HttpStatusCode Status, int Reachable, int Total) Reachable(Answer answer)
    {
        JsonElement participants = answer.Json.GetProperty("participants");
        return (answer.Status, participants.GetProperty("reachable").GetInt32(), participants.GetProperty("total").GetInt32());
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static int Number(JsonElement of) =>
        of.ValueKind == JsonValueKind.String ? int.Parse(of.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : of.GetInt32();
}
