using System.Net;
using System.Text.Json;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Host.Tests.Verbs;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Http;

/// <summary>A job whose row is damaged on the disk, and the operator who gives it up.</summary>
public sealed class JobDecisionApiTests : IDisposable
{
    private const string JobPath = "/v1/self_v1/signer/requests";
    private readonly TestRegistry _registry = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-decision-");
    private readonly IdentityKey _key;

    public JobDecisionApiTests() => _key = IdentityKey.Create(KeyFile, Wiring.Entropy);

    private string KeyFile => Path.Combine(_folder.FullName, "operator.key");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task C1_A_job_that_cannot_be_restored_is_given_up_by_its_operator_and_its_id_stays_taken()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(registry: _registry, decisionKey: _key.Public);
        TestCovenant covenant = new(host.Group.X);
        _registry.Allow(covenant);
        string job = Job("r1", covenant.Request());
        Assert.Equal("ready", Text((await host.Api.PostAsync(job, $"{JobPath}?wait=30")).Json, "status"));
        (await host.Api.PostAsync(Decision("r1"), $"{JobPath}/r1:abandon")).ShouldBeProblem(HttpStatusCode.Conflict, "job_not_quarantined");
        (await host.Api.PostAsync(Decision("r2"), $"{JobPath}/r2:abandon")).ShouldBeProblem(HttpStatusCode.Conflict, "job_not_quarantined");

        await host.RestartWithDamageAsync("coordinator", "job/%");
        (await host.Api.PostAsync(job, JobPath)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "job_quarantined");
        using (IdentityKey stranger = IdentityKey.Create(Path.Combine(_folder.FullName, "stranger.key"), Wiring.Entropy))
        {
            (await host.Api.PostAsync(Decision("r1", stranger), $"{JobPath}/r1:abandon"))
                .ShouldBeProblem(HttpStatusCode.Forbidden, "job_decision_not_allowed");
        }

        (await host.Api.PostAsync(Decision("r2"), $"{JobPath}/r1:abandon")).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "job_decision_of_another");
        (await host.Api.PostAsync("{}", $"{JobPath}/r1:abandon")).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        (await host.Api.PostAsync(job, JobPath)).ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "job_quarantined");

        JsonElement abandoned = (await SignerProcess.RunAsync(
            "job", "abandon", "--route", "self_v1", "--id", "r1", "--reason", "The disk is gone.", "--key", KeyFile,
            "--url", host.Api.Client.BaseAddress!.ToString(), "--json")).Done();
        Assert.Equal("abandoned", Text(abandoned, "status"));
        for (int life = 1; life <= 2; life++)
        {
            JsonElement evidence = (await host.Api.PostAsync(job, JobPath)).ShouldBeProblem(HttpStatusCode.Conflict, "job_abandoned").GetProperty("evidence");
            Assert.Equal((_key.Public.ToString(), "The disk is gone."), (Text(evidence, "key"), Text(evidence, "reason")));
            (await host.Api.PostAsync(job, $"{JobPath}:poll")).ShouldBeProblem(HttpStatusCode.Conflict, "job_abandoned");
            (await host.Api.PostAsync(Job("r1", covenant.Request(paidSat: 900_001)), JobPath)).ShouldBeProblem(HttpStatusCode.Conflict, "job_abandoned");
            await host.RestartAsync();
        }

        Assert.Equal("ready", Text((await host.Api.PostAsync(Job("r2", covenant.Request()), $"{JobPath}?wait=30")).Json, "status"));
    }

    [Fact]
    public async Task C1_Without_a_key_that_may_decide_nothing_is_given_up()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(registry: _registry);
        TestCovenant covenant = new(host.Group.X);
        _registry.Allow(covenant);
        await host.Api.PostAsync(Job("r1", covenant.Request()), $"{JobPath}?wait=30");
        await host.RestartWithDamageAsync("coordinator", "job/%");
        (await host.Api.PostAsync(Decision("r1"), $"{JobPath}/r1:abandon")).ShouldBeProblem(HttpStatusCode.Forbidden, "job_decisions_not_taken");
    }

    private static string Job(string id, JobRequest request) =>
        JsonSerializer.Serialize(new JobSubmission(id, request), WireJson.Default.JobSubmission);

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private string Decision(string id, IdentityKey? key = null)
    {
        IdentityKey signer = key ?? _key;
        JobAddress job = new(CovenantKind.SelfV1, RouteRequestId.Parse(id));
        JobDecision decision = new(
            "self_v1", id, "Lost.", 1, signer.Public.ToBytes(), signer.Sign(JobDecision.MessageOf(job, "Lost.", 1).AsSpan(), new byte[32]));
        return JsonSerializer.Serialize(decision, WireJson.Default.JobDecision);
    }
}
