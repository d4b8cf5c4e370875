using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Host.Http;
using SignerCluster.Host.Tests.Verbs;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Covenant jobs over HTTP, signed by a real group; what comes out is judged by an interpreter that is not ours.</summary>
public sealed class JobApiTests
{
    private const string SelfPath = "/v1/self_v1/signer/requests";
    private const string QcPath = "/v1/qc_v1/signer/requests";
    private readonly TestRegistry _registry = new();

    [Fact]
    public async Task C3_A_covenant_that_the_group_spends_alone_comes_back_as_a_transaction_that_the_network_takes()
    {
        await using ApiHost host = await StartAsync();
        JobRequest request = Allowed(host).Request();
        Answer answer = await host.PostAsync(Body("r1", request), $"{SelfPath}?wait=30");

        Assert.Equal((HttpStatusCode.OK, "ready"), (answer.Status, Text(answer, "status")));
        CovenantSpend spend = TestCovenant.SpendOf(request);
        Assert.Equal(spend.Plan.Unsigned.Txid.ToString(), Text(answer, "txid"));
        AssertTaken(spend, Text(answer, "transaction"));
        Assert.False(answer.Json.TryGetProperty("handoff", out _));
    }

    [Fact]
    public async Task C4_A_covenant_with_a_custodian_comes_back_as_what_the_custodian_needs_and_no_more_trust()
    {
        await using ApiHost host = await StartAsync();
        JobRequest request = Allowed(host).Request(CovenantKind.QcV1);
        Answer answer = await host.PostAsync(Body("r1", request), $"{QcPath}?wait=30");

        JsonElement handoff = answer.Json.GetProperty("handoff");
        Dictionary<string, JsonElement> places = handoff.GetProperty("stack").EnumerateArray().ToDictionary(static place => Text(place, "role"));
        Assert.Equal(["signer", "custodian"], places.Keys);
        Assert.False(places["custodian"].TryGetProperty("signature", out _));
        string custodians = TestCovenant.Sign("custodian", FixedBytes.ParseHex<Bytes32>(Text(handoff, "sighash"))).ToString();
        NBitcoin.Transaction transaction = NBitcoin.Transaction.Parse(Text(handoff, "unsignedTransaction"), NBitcoin.Network.Main);
        transaction.Inputs[0].WitScript = new NBitcoin.WitScript(
            new[] { Text(places["signer"], "signature"), custodians, Text(handoff, "leafScript"), Text(handoff, "controlBlock") }
                .Select(Convert.FromHexString).ToArray());
        AssertTaken(TestCovenant.SpendOf(request), transaction.ToHex());

        JsonObject payload = (JsonObject)JsonNode.Parse(handoff.GetRawText())!;
        payload.Remove("payloadHash");
        byte[] canonical = CanonicalJson.Of(Encoding.UTF8.GetBytes(payload.ToJsonString()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(canonical)), Text(handoff, "payloadHash"));
    }

    [Fact]
    public async Task C2_Many_submits_of_one_request_at_once_are_one_job_with_one_signature()
    {
        int asked = 0;
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions
        {
            Registry = _registry,
            CoordinatorAllowsRaw = false,
            ParticipantsAllowRaw = false,
            Limits = new HttpLimits { JobBurst = 1000, JobsInFlight = 1000 },
            BeforeSeat = _ => Interlocked.Increment(ref asked),
        });
        string body = Body("r1", Allowed(host).Request());
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => host.PostAsync(body, $"{SelfPath}?wait=30")));
        Assert.Single(answers.Select(static answer => answer.Json.GetRawText()).Distinct());
        Assert.Equal("ready", Text(answers[0], "status"));

        int before = asked;
        Assert.Equal(answers[0].Json.GetRawText(), (await host.PostAsync(body, SelfPath)).Json.GetRawText());
        Assert.Equal(before, asked);
        (await host.PostAsync(Body("r1", Allowed(host).Request(paidSat: 900_001)), SelfPath)).ShouldBeProblem(HttpStatusCode.Conflict, "job_conflict");
    }

    [Fact]
    public async Task C1_No_caller_can_take_the_session_of_a_job_before_the_job_does()
    {
        await using ApiHost host = await StartAsync();
        JobRequest request = Allowed(host).Request();
        string session = new JobAddress(CovenantKind.SelfV1, RouteRequestId.Parse("r1")).Session.ToString();
        JsonElement refused = (await host.PostAsync($$$"""{"sessionId":"{{{session}}}","proof":{"message":"mine"}}"""))
            .ShouldBeProblem(HttpStatusCode.BadRequest, "session_id_reserved");
        Assert.Equal("terminal", Text(refused, "class"));
        Assert.Equal("ready", Text(await host.PostAsync(Body("r1", request), $"{SelfPath}?wait=30"), "status"));
        Assert.Equal("completed", (await host.GetAsync($"{host.SessionsPath}/{session}")).State);
    }

    [Fact]
    public async Task C3_A_job_that_is_pending_is_polled_until_it_is_ready()
    {
        await using ApiHost host = await StartAsync();
        await host.StopParticipantsAsync(0, 2);
        string body = Body("r1", Allowed(host).Request());
        Answer pending = await host.PostAsync(body, SelfPath);
        Assert.Equal((HttpStatusCode.Accepted, "pending"), (pending.Status, Text(pending, "status")));
        Assert.Equal(pending.Json.GetRawText(), (await host.PostAsync(body, $"{SelfPath}:poll")).Json.GetRawText());

        host.StartParticipants(0, 2);
        Answer ready = await host.PostAsync(body, $"{SelfPath}/{Text(pending, "requestId")}:poll?wait=60");
        Assert.Equal("ready", Text(ready, "status"));
    }

    [Fact]
    public async Task A_poll_names_one_job_and_another_method_is_told_which_it_may_be()
    {
        await using ApiHost host = await StartAsync();
        JobRequest request = Allowed(host).Request();
        (await host.PostAsync(Body("r1", request), $"{SelfPath}:poll")).ShouldBeProblem(HttpStatusCode.NotFound, "job_not_found");
        (await host.PostAsync(Body("r1", request), $"{SelfPath}/job_self_0:poll")).ShouldBeProblem(HttpStatusCode.BadRequest, "job_id_mismatch");
        (await host.PostAsync(Body("r1", request, "job_self_0"), $"{SelfPath}:poll")).ShouldBeProblem(HttpStatusCode.BadRequest, "job_id_mismatch");
        (await host.PostAsync(Body("R1", request), SelfPath)).ShouldBeProblem(HttpStatusCode.BadRequest, "job_id_invalid");
        (await host.PostAsync(Body("r1", request), QcPath)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "job_route_mismatch");
        (await host.PostAsync(Body("r1", request), "/v1/other/signer/requests")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
        (await host.GetAsync(SelfPath)).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Fact]
    public async Task What_is_not_exactly_one_request_is_refused_before_anything_is_accepted()
    {
        await using ApiHost host = await StartAsync();
        string body = Body("r1", Allowed(host).Request());
        string[] wrong =
        [
            body.Replace("\"reserve\"", "\"stranger\":1,\"reserve\"", StringComparison.Ordinal),
            body.Replace("\"epoch\":7", "\"epoch\":7,\"epoch\":7", StringComparison.Ordinal),
            body.Replace("\"epoch\":7,", string.Empty, StringComparison.Ordinal),
            body.Replace("\"epoch\":7", "\"epoch\":-7", StringComparison.Ordinal),
            body.Replace("\"epoch\":7", "\"epoch\":7.5", StringComparison.Ordinal),
            body.Replace("\"self_v1\"", "0", StringComparison.Ordinal),
            body + "{}", "[]", "null", string.Empty,
        ];
        foreach (string one in wrong)
        {
            (await host.PostAsync(one, SelfPath)).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        }

        (await host.PostAsync(body + new string(' ', HttpLimits.MaximumBodyBytes), SelfPath))
            .ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        (await host.PostAsync(body, $"{SelfPath}:poll")).ShouldBeProblem(HttpStatusCode.NotFound, "job_not_found");
    }

    [Fact]
    public async Task C5_A_slot_is_claimed_before_the_job_is_accepted_so_who_is_turned_away_has_left_nothing()
    {
        await using ApiHost host = await StartAsync(new HttpLimits { JobBurst = 2, JobsPerMinute = 1 });
        TestCovenant covenant = Allowed(host);
        await host.PostAsync(Body("r1", covenant.Request()), SelfPath);
        await host.PostAsync(Body("r2", covenant.Request()), SelfPath);
        Answer turnedAway = await host.PostAsync(Body("r3", covenant.Request()), SelfPath);
        turnedAway.ShouldBeProblem(HttpStatusCode.TooManyRequests, "job_rate_limited");
        (await host.PostAsync(Body("r3", covenant.Request()), $"{SelfPath}:poll")).ShouldBeProblem(HttpStatusCode.NotFound, "job_not_found");
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Body("r1", covenant.Request()), $"{SelfPath}:poll?wait=30")).Status);
    }

    [Fact]
    public async Task C5_Nobody_gets_in_without_the_token()
    {
        const string token = "0123456789abcdef0123456789abcdef";
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Registry = _registry, Token = token });
        string body = Body("r1", Allowed(host).Request());
        (await host.PostAsync(body, SelfPath)).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        (await host.PostAsync(body, $"{SelfPath}:poll")).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        (await host.PostAsync(body, "/healthz")).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Fact]
    public async Task C6_While_the_registry_is_out_jobs_are_refused_by_its_name_and_everything_else_is_served()
    {
        await using ApiHost host = await StartAsync();
        TestCovenant covenant = Allowed(host);
        Answer signed = await host.PostAsync(Body("r1", covenant.Request()), $"{SelfPath}?wait=30");
        _registry.GoOut();
        JsonElement refused = (await host.PostAsync(Body("r2", covenant.Request()), SelfPath))
            .ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "registry_unavailable");
        Assert.Equal("registry_missing", Text(refused.GetProperty("evidence"), "reason"));
        Assert.Equal(signed.Json.GetRawText(), (await host.PostAsync(Body("r1", covenant.Request()), SelfPath)).Json.GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/groups")).Status);
    }

    [Fact]
    public async Task A_depositor_approves_a_request_with_a_key_of_its_own_and_the_group_spends()
    {
        await using ApiHost host = await StartAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("signer-job-approve-");
        string depositor = Create("depositor.key");
        JsonObject body = (JsonObject)JsonNode.Parse(Body("r1", Allowed(host).Request()))!;
        JsonObject request = body["request"]!.AsObject();
        request["terms"]!["depositor"] = depositor;
        request["approvals"] = new JsonArray();
        await File.WriteAllTextAsync(PathOf("job.json"), body.ToJsonString());

        Create("other.key");
        (await ApproveAsync("other.key")).Failed(2, "key_not_of_covenant");
        JsonElement approved = (await ApproveAsync("depositor.key")).Done();
        Assert.Equal(depositor, approved.GetProperty("approver").GetString());
        request["approvals"] = new JsonArray(approved.GetProperty("approval").GetString());
        Answer answer = await host.PostAsync(body.ToJsonString(), $"{SelfPath}?wait=30");
        Assert.Equal(("ready", approved.GetProperty("txid").GetString()), (Text(answer, "status"), Text(answer, "txid")));
        folder.Delete(recursive: true);

        string PathOf(string name) => Path.Combine(folder.FullName, name);

        string Create(string name)
        {
            using IdentityKey made = IdentityKey.Create(PathOf(name), Wiring.Entropy);
            return made.Public.ToString();
        }

        Task<Ended> ApproveAsync(string key) =>
            SignerProcess.RunAsync("job", "approve", "--request", PathOf("job.json"), "--identity", PathOf(key), "--json");
    }

    [Fact]
    public async Task A_service_without_a_registry_takes_no_jobs()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        (await host.PostAsync("{}", SelfPath)).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
    }

    private static void AssertTaken(CovenantSpend spend, string transaction)
    {
        NBitcoin.TxOut prevout = new(NBitcoin.Money.Satoshis(spend.Plan.AmountSat), new NBitcoin.Script(spend.Template.ScriptPubKey.AsSpan().ToArray()));
        NBitcoin.Transaction parsed = NBitcoin.Transaction.Parse(transaction, NBitcoin.Network.Main);
        Assert.True(parsed.CreateValidator([prevout]).TryValidateInput(0, out NBitcoin.InputValidationResult? result), $"{result?.Error}");
    }

    private static string Body(string id, JobRequest request, string? requestId = null) =>
        JsonSerializer.Serialize(new JobSubmission(id, request, requestId), WireJson.Default.JobSubmission);

    private static string Text(Answer answer, string member) => Text(answer.Json, member);

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private Task<ApiHost> StartAsync(HttpLimits? limits = null) => ApiHost.StartAsync(new ApiOptions
    {
        Registry = _registry,
        CoordinatorAllowsRaw = false,
        ParticipantsAllowRaw = false,
        Limits = limits ?? new HttpLimits(),
    });

    private TestCovenant Allowed(ApiHost host)
    {
        TestCovenant covenant = new(host.Group.X);
        _registry.Allow(covenant);
        return covenant;
    }
}
