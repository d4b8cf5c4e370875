using System.Net;
using System.Text.Json;
using SignerCluster.Conformance;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Host.Tests.Http;

/// <summary>The signers' certificates for covenant jobs over HTTP, signed by a real group.</summary>
public sealed class CertificateApiTests
{
    private const string Path = "/v1/admin/signer-approval-certificates";
    private const string JobPath = "/v1/self_v1/signer/requests";
    private const string SomeTxid = "00000000000000000000000000000000000000000000000000000000000000aa";
    private readonly TestRegistry _registry = new();

    [Fact]
    public async Task A1_A_job_of_a_reserve_that_asks_for_a_certificate_is_signed_with_the_one_that_is_issued_for_it()
    {
        await using ApiHost host = await StartAsync();
        TestCovenant covenant = new(host.Group.X);
        _registry.Allow(covenant, needsCertificate: true);
        JobRequest request = covenant.Request();
        string txid = TestCovenant.SpendOf(request).Plan.Unsigned.Txid.ToString();
        (await host.PostAsync(Job(request), JobPath)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "job_certificate_missing");

        Answer issued = await host.PostAsync(Body(host.Group, txid, 850_100), $"{Path}?wait=30");
        Assert.Equal(HttpStatusCode.OK, issued.Status);
        Assert.Equal(
            (host.Group.ToString(), txid, 850_100),
            (Text(issued, "group"), Text(issued, "txid"), issued.Json.GetProperty("endBlock").GetInt32()));
        SignerCertificate certificate = new(850_100, Text(issued, "proof"));
        Assert.Equal("ready", Text(await host.PostAsync(Job(request with { Certificate = certificate }), $"{JobPath}?wait=30"), "status"));
    }

    [Fact]
    public async Task C2_Asking_again_is_the_same_signing_and_another_block_another_one()
    {
        int asked = 0;
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Registry = _registry, BeforeSeat = _ => Interlocked.Increment(ref asked) });
        Answer first = await host.PostAsync(Body(host.Group, SomeTxid, 7), $"{Path}?wait=30");
        int before = asked;
        Assert.Equal(first.Text, (await host.PostAsync(Body(host.Group, SomeTxid, 7), Path)).Text);
        Assert.Equal(before, asked);
        Assert.NotEqual(Text(first, "proof"), Text(await host.PostAsync(Body(host.Group, SomeTxid, 8), $"{Path}?wait=30"), "proof"));
    }

    [Fact]
    public async Task A_certificate_that_is_not_signed_yet_has_no_proof_and_comes_when_it_is_asked_for_again()
    {
        await using ApiHost host = await StartAsync();
        await host.StopParticipantsAsync(0, 1);
        Answer pending = await host.PostAsync(Body(host.Group, SomeTxid, 7), Path);
        Assert.Equal(HttpStatusCode.Accepted, pending.Status);
        Assert.False(pending.Json.TryGetProperty("proof", out _));
        host.StartParticipants(0, 1);
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Body(host.Group, SomeTxid, 7), $"{Path}?wait=60")).Status);
    }

    [Fact]
    public async Task What_is_no_request_for_a_certificate_is_refused()
    {
        await using ApiHost host = await StartAsync();
        string body = Body(host.Group, SomeTxid, 7);
        foreach (string wrong in (string[])
            [
                string.Empty, "{}", "null", body + "{}", body.Replace(":7", ":-1", StringComparison.Ordinal), body.Replace(":7", ":4294967296", StringComparison.Ordinal),
                body.Replace("\"endBlock\":7", "\"endBlock\":7,\"endBlock\":7", StringComparison.Ordinal),
                body.Replace("\"endBlock\"", "\"more\":1,\"endBlock\"", StringComparison.Ordinal), body.Replace(",\"endBlock\":7", string.Empty, StringComparison.Ordinal),
            ])
        {
            (await host.PostAsync(wrong, Path)).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        }

        (await host.PostAsync(Body(host.Group, SomeTxid.ToUpperInvariant(), 7), Path)).ShouldBeProblem(HttpStatusCode.BadRequest, "job_txid_invalid");
        (await host.PostAsync(body.Replace(host.Group.ToString(), "aa", StringComparison.Ordinal), Path))
            .ShouldBeProblem(HttpStatusCode.BadRequest, "group_id_invalid");
        (await host.PostAsync(body.Replace(host.Group.ToString(), new string('f', 64), StringComparison.Ordinal), Path))
            .ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await host.PostAsync(body, $"{Path}?wait=61")).ShouldBeProblem(HttpStatusCode.BadRequest, "wait_invalid");
        (await host.GetAsync(Path)).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Fact]
    public async Task C5_Certificates_and_jobs_share_their_slots_and_the_token()
    {
        const string token = "0123456789abcdef0123456789abcdef";
        await using (ApiHost host = await ApiHost.StartAsync(new ApiOptions { Registry = _registry, Limits = new HttpLimits { JobBurst = 1, JobsPerMinute = 1 } }))
        {
            await host.PostAsync(Body(host.Group, SomeTxid, 7), Path);
            (await host.PostAsync(Body(host.Group, SomeTxid, 7), Path)).ShouldBeProblem(HttpStatusCode.TooManyRequests, "job_rate_limited");
        }

        await using ApiHost closed = await ApiHost.StartAsync(new ApiOptions { Registry = _registry, Token = token });
        (await closed.PostAsync(Body(closed.Group, SomeTxid, 7), Path)).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
    }

    [Fact]
    public async Task A_group_signs_certificates_exactly_when_it_signs_other_texts()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(1_000_000, registry: _registry);
        Assert.Equal(HttpStatusCode.OK, (await host.Api.PostAsync(Body(host.Group, SomeTxid, 7), $"{Path}?wait=30")).Status);
        await host.SayAsync("stop", "audit");
        (await host.Api.PostAsync("""{"sessionId":"text","proof":{"message":"a"}}""", $"{host.GroupPath}/sessions?wait=30"))
            .ShouldBeProblem(HttpStatusCode.Forbidden, "group_stopped");
        (await host.Api.PostAsync(Body(host.Group, SomeTxid, 8), $"{Path}?wait=30")).ShouldBeProblem(HttpStatusCode.Forbidden, "group_stopped");
    }

    private static string Body(GroupId group, string txid, uint endBlock) => $$"""{"group":"{{group}}","txid":"{{txid}}","endBlock":{{endBlock}}}""";

    private static string Job(JobRequest request) => JsonSerializer.Serialize(new JobSubmission("r1", request), WireJson.Default.JobSubmission);

    private static string Text(Answer answer, string member) => Text(answer.Json, member);

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private Task<ApiHost> StartAsync() =>
        ApiHost.StartAsync(new ApiOptions { Registry = _registry, CoordinatorAllowsRaw = false, ParticipantsAllowRaw = false });
}
