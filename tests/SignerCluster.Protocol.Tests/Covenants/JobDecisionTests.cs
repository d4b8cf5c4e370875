using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.CovenantJob.JobDecisionEvent,
    SignerCluster.Protocol.CovenantJob.JobDecisionEffect,
    SignerCluster.Protocol.CovenantJob.JobDecisionReply>;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>An operator gives a job up that cannot be restored: once, signed, and for ever.</summary>
public sealed class JobDecisionTests
{
    private const ulong Now = 1_700_000_000;
    private static readonly JobAddress _job = new(CovenantKind.SelfV1, RouteRequestId.Parse("request-1"));
    private static readonly Bytes32 _operator = Withdrawal.IdentityOf("operator").ToBytes();
    private static readonly JobDecisionState _none = JobDecisionDecider.Initial(_job);

    [Fact]
    public void C1_A_signed_decision_is_recorded_once_and_stands_for_ever()
    {
        JobDecision decision = Signed();
        JobDecisionState decided = Fold(Accepted(_none, new JobDecisionCommand.Decide(decision), new JobDecisionEvent.Abandoned(decision, Now)));
        Accepted(decided, new JobDecisionCommand.Decide(decision));
        Assert.Equal(decision, Accepted(decided, new JobDecisionCommand.Look()).Reply.Decision);
        Refused(decided, Signed(reason: "Another."), "job_already_abandoned");
    }

    [Fact]
    public void C1_Without_a_decision_there_is_none() => Assert.Null(Accepted(_none, new JobDecisionCommand.Look()).Reply.Decision);

    [Fact]
    public void C1_Only_the_key_that_may_decide_decides()
    {
        Refused(_none, Signed(), "job_decisions_not_taken", key: null);
        Refused(_none, Signed(person: "stranger"), "job_decision_not_allowed", _operator);
        Refused(_none, Signed() with { Signature = Signed(person: "stranger").Signature }, "job_decision_unsigned");
        Refused(_none, Signed() with { At = Now + 1 }, "job_decision_unsigned");
        Refused(_none, Signed() with { Reason = "Other." }, "job_decision_unsigned");
        Refused(_none, Signed() with { RouteRequestId = "request-2" }, "job_decision_of_another");
        Refused(_none, Signed() with { Route = "qc_v1" }, "job_decision_of_another");
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("\u202ereversed")]
    [InlineData("half \ud83d")]
    public void C1_A_reason_that_cannot_be_shown_is_none(string reason) => Refused(_none, Signed(reason), "job_decision_reason_invalid");

    [Fact]
    public void C1_A_reason_is_bounded()
    {
        Assert.True(JobDecision.IsReason(new string('a', JobDecision.MaximumReasonLength)));
        Refused(_none, Signed(new string('a', JobDecision.MaximumReasonLength + 1)), "job_decision_reason_invalid");
    }

    [Fact]
    public void C1_An_open_job_that_was_given_up_while_it_could_not_be_read_fails_and_never_signs()
    {
        JobSpecification job = JobSpecification.Accepted().When(new JobCommand.Abandon(Signed())).Then<JobEvent.Failed>();
        Refusal reason = Assert.IsType<JobState.Failed>(job.State).Reason;
        Assert.Equal(("job_abandoned", "The row is lost."), (reason.Code, reason.Evidence["reason"]));
        Assert.Empty(JobDecider.Resume(job.State));
        job.WhenSigned(Covenant.SignatureOf("anybody", default)).ThenOnlyReplied(new JobReply.Pending());
        job.WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Failed(reason));
    }

    private static JobDecision Signed(string reason = "The row is lost.", string person = "operator") => new(
        "self_v1",
        "request-1",
        reason,
        Now,
        Withdrawal.IdentityOf(person).ToBytes(),
        Covenant.SignatureOf(person, JobDecision.MessageOf(_job, reason, Now)));

    private static JobDecisionState Fold(Decision.Accepted decision) => decision.Events.Aggregate(_none, JobDecisionDecider.Decider.Evolve);

    private static Decision.Accepted Accepted(JobDecisionState state, JobDecisionCommand command, params JobDecisionEvent[] events)
    {
        Decision.Accepted accepted = Assert.IsType<Decision.Accepted>(JobDecisionDecider.Decide(state, new JobDecisionAsked(command, _operator, Now)));
        Assert.Equal(events, accepted.Events);
        return accepted;
    }

    private static void Refused(JobDecisionState state, JobDecision decision, string code) => Refused(state, decision, code, _operator);

    private static void Refused(JobDecisionState state, JobDecision decision, string code, Bytes32? key)
    {
        Decision.Refused refused = Assert.IsType<Decision.Refused>(
            JobDecisionDecider.Decide(state, new JobDecisionAsked(new JobDecisionCommand.Decide(decision), key, Now)));
        Assert.Equal((code, RefusalClass.Terminal), (refused.Refusal.Code, refused.Refusal.Class));
        Assert.Empty(refused.Events);
    }
}
