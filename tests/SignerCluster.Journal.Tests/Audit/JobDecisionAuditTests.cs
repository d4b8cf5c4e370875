using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>The audit verifies the decisions on covenant jobs.</summary>
public sealed class JobDecisionAuditTests : IAsyncLifetime
{
    private AuditedNode _node = null!;

    public async Task InitializeAsync() => _node = await AuditedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task C1_A_decision_that_its_key_did_not_sign_for_the_job_is_found()
    {
        JobAddress job = new(CovenantKind.SelfV1, RouteRequestId.Parse("lost"));
        Bytes64 signature = TestCovenant.Sign("operator", JobDecision.MessageOf(job, "Lost.", 1));
        JobDecision decision = new("self_v1", "lost", "Lost.", 1, TestCovenant.KeyOf("operator").ToBytes(), signature);
        await _node.WriteAsync(EntityAddress.DecisionOf(job), new JobDecisionEvent.Abandoned(decision, 2));
        Assert.Empty((await _node.AuditAsync()).Findings);

        JobAddress another = new(CovenantKind.SelfV1, RouteRequestId.Parse("another"));
        await _node.WriteAsync(EntityAddress.DecisionOf(another), new JobDecisionEvent.Abandoned(decision with { RouteRequestId = "another" }, 2));
        AuditFinding finding = Assert.Single((await _node.AuditAsync()).Findings);
        Assert.Equal((EntityAddress.DecisionOf(another).ToString(), 1, AuditReason.JobInvalid), (finding.Entity, finding.Row ?? 0, finding.Reason));
    }
}
