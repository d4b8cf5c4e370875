using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.CovenantJobs;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.CovenantJobs;

/// <summary>A covenant job as an actor: durable before its session is asked, and open until that ends.</summary>
public sealed class CovenantJobActorTests : ActorsTest
{
    private static readonly TestGroup _group = new(2, 3);
    private static readonly TestCovenant _covenant = new(_group.Id.X);
    private static readonly JobAddress _job = new(CovenantKind.SelfV1, RouteRequestId.Parse("request-1"));
    private static readonly Bytes64 _signature = TestCovenant.Sign("anybody", default);
    private readonly FaultyJournal _journal = new();
    private readonly TestRegistry _registry = new();
    private readonly ManualTime _time = new();
    private readonly TestProbe _sessions;

    public CovenantJobActorTests()
    {
        _registry.Allow(_covenant);
        _sessions = CreateTestProbe();
    }

    [Fact]
    public async Task C3_A_job_is_in_the_journal_before_its_session_is_asked()
    {
        LocalRegion jobs = Start();
        Assert.IsType<JobReply.Pending>(Granted(await SubmitAsync(jobs)));
        ToSession asked = await _sessions.ExpectMsgAsync<ToSession>();
        Assert.Equal((_job.Session, true), (asked.Session.Session, asked.Waits));
        Assert.Equal(1, await _journal.Stored.ReadVersionAsync(EntityAddress.Of(_job), CancellationToken.None));
    }

    [Fact]
    public async Task C3_A_job_that_could_not_be_written_asks_no_session_and_is_accepted_when_it_is_asked_again()
    {
        LocalRegion jobs = Start();
        _journal.Next(Fate.NotWritten);
        Assert.IsType<JobAnswer.Failed>(await AskAsync(jobs, new JobCommand.Submit(_covenant.Request())));
        Assert.False(_sessions.HasMessages);
        Assert.IsType<JobReply.Pending>(Granted(await SubmitAsync(jobs)));
        await _sessions.ExpectMsgAsync<ToSession>();
    }

    [Fact]
    public async Task C2_All_who_submit_one_request_at_once_have_one_job_one_session_and_one_signature()
    {
        LocalRegion jobs = Start();
        ToJob question = new(_job, new JobCommand.Submit(_covenant.Request()), Waits: true);
        Task<FromJob>[] all = [.. Enumerable.Range(0, 100).Select(_ => jobs.Ref.Ask<FromJob>(question, RemainingOrDefault))];
        await _sessions.ExpectMsgAsync<ToSession>();
        await IsAtRestAsync(jobs.Newest);
        jobs.Newest.Tell(Completed(), ActorRefs.NoSender);
        FromJob[] answers = await Task.WhenAll(all);
        Assert.All(answers, static answer => Assert.Equal(new JobReply.Ready(_signature), Granted(answer.Answer)));
        Assert.False(_sessions.HasMessages);
        Assert.Equal(2, await _journal.Stored.ReadVersionAsync(EntityAddress.Of(_job), CancellationToken.None));
    }

    [Fact]
    public async Task C3_A_node_that_takes_an_open_job_over_asks_the_same_session_again()
    {
        LocalRegion before = Start();
        await SubmitAsync(before);
        ToSession first = await _sessions.ExpectMsgAsync<ToSession>();
        Sys.Stop(before.Ref);

        LocalRegion after = Start(AnotherNode);
        after.Ref.Tell(new Wake(EntityAddress.Of(_job)), ActorRefs.NoSender);
        Assert.Equal(first.Command, (await _sessions.ExpectMsgAsync<ToSession>()).Command);
        after.Newest.Tell(Completed(), ActorRefs.NoSender);
        Assert.Equal(new JobReply.Ready(_signature), Granted(await SubmitAsync(after)));
    }

    [Fact]
    public async Task C3_A_session_that_gives_no_answer_is_asked_again_until_the_job_is_too_old()
    {
        LocalRegion jobs = Start();
        await SubmitAsync(jobs);
        ToSession first = await _sessions.ExpectMsgAsync<ToSession>();
        await IsAtRestAsync(jobs.Newest);
        Time.Advance(new JobSettings().FirstPause);
        Assert.Equal(first.Command, (await _sessions.ExpectMsgAsync<ToSession>()).Command);

        _time.Advance(TimeSpan.FromSeconds(JobDecider.Lifetime + 1));
        await IsAtRestAsync(jobs.Newest);
        Time.Advance(new JobSettings().LongestPause);
        JobReply.Failed failed = Assert.IsType<JobReply.Failed>(Granted(await AskAsync(
            jobs, new JobCommand.Submit(_covenant.Request()), waitSeconds: 30)));
        Assert.Equal("job_expired", failed.Reason.Code);
    }

    [Fact]
    public async Task C6_What_the_group_signed_during_an_outage_of_the_registry_is_told_after_it()
    {
        LocalRegion jobs = Start();
        await SubmitAsync(jobs);
        await _sessions.ExpectMsgAsync<ToSession>();
        _registry.GoOut();
        jobs.Newest.Tell(Completed(), ActorRefs.NoSender);
        Assert.IsType<JobReply.Pending>(Granted(await SubmitAsync(jobs)));

        _registry.Allow(_covenant);
        await IsAtRestAsync(jobs.Newest);
        Time.Advance(new JobSettings().FirstPause);
        await _sessions.ExpectMsgAsync<ToSession>();
        jobs.Newest.Tell(Completed(), ActorRefs.NoSender);
        Assert.Equal(new JobReply.Ready(_signature), Granted(await SubmitAsync(jobs)));
    }

    [Fact]
    public async Task C1_A_job_whose_rows_cannot_be_read_is_never_taken_for_new()
    {
        LocalRegion before = Start();
        await SubmitAsync(before);
        await _sessions.ExpectMsgAsync<ToSession>();
        before.Newest.Tell(Completed(), ActorRefs.NoSender);
        Assert.Equal(new JobReply.Ready(_signature), Granted(await SubmitAsync(before)));
        LocalRegion damaged = Start(AnotherNode, new HidingJournal(_journal) { Hidden = 1 });
        JobAnswer answer = await AskAsync(damaged, new JobCommand.Submit(_covenant.Request()));
        Assert.Equal("job_quarantined", Assert.IsType<JobAnswer.Refused>(answer).Refusal.Code);
        Assert.False(_sessions.HasMessages);
    }

    [Fact]
    public async Task C1_A_job_that_was_given_up_while_it_could_not_be_read_never_signs_also_where_its_rows_come_back()
    {
        LocalRegion before = Start();
        await SubmitAsync(before);
        await _sessions.ExpectMsgAsync<ToSession>();
        JobDesk healthy = new(before.Ref, TimeProvider.System);
        JobDecisionAnswer.Refused refused = Assert.IsType<JobDecisionAnswer.Refused>(await healthy.DecideAsync(_job, Decision(), CancellationToken.None));
        Assert.Equal("job_not_quarantined", refused.Refusal.Code);
        Sys.Stop(before.Ref);

        // As the desk does while the row is damaged.
        LocalRegion node = Start(AnotherNode);
        FromJobDecision decided = await node.Ref.Ask<FromJobDecision>(
            new ToJobDecision(_job, new JobDecisionCommand.Decide(Decision())), RemainingOrDefault);
        Assert.Equal(new JobDecisionAnswer.Granted(new JobDecisionReply(Decision())), decided.Answer);
        JobReply.Failed failed = Assert.IsType<JobReply.Failed>(Granted(await AskAsync(
            node, new JobCommand.Submit(_covenant.Request()), waitSeconds: 30)));
        Assert.Equal("job_abandoned", failed.Reason.Code);
        Assert.False(_sessions.HasMessages);
    }

    private static JobDecision Decision() => new(
        "self_v1",
        "request-1",
        "The row is lost.",
        1_700_000_000,
        TestCovenant.KeyOf("operator").ToBytes(),
        TestCovenant.Sign("operator", JobDecision.MessageOf(_job, "The row is lost.", 1_700_000_000)));

    private static FromSession Completed() => new(
        new CoordinatorAnswer.Granted(new CoordinatorReply.Completed(1, _group.Public.GroupKey.XOnly, _signature)));

    private static JobReply Granted(JobAnswer answer) => Assert.IsType<JobAnswer.Granted>(answer).Reply;

    private static Task<JobAnswer> SubmitAsync(LocalRegion jobs) => AskAsync(jobs, new JobCommand.Submit(_covenant.Request()));

    /// <summary>Asked again where a message was lost with an activation.</summary>
    private static Task<JobAnswer> AskAsync(LocalRegion jobs, JobCommand command, int waitSeconds = 0) =>
        new JobDesk(jobs.Ref, TimeProvider.System).AskAsync(_job, command, TimeSpan.FromSeconds(waitSeconds), CancellationToken.None);

    private LocalRegion Start(string party = Party, IJournal? journal = null)
    {
        // In a region of their own, so that the newest activation of the other is the job's.
        LocalRegion? decisions = null;
        JobParts parts = new(
            PluginOver(journal ?? _journal, party), _sessions, _ => _group.Standing, _registry, SealedStores.NoQuarantine, _time)
        {
            Decisions = () => decisions!.Ref,
            DecisionKey = TestCovenant.KeyOf("operator").ToBytes(),
        };
        decisions = Region(parts.PropsOf);
        return Region(parts.PropsOf);
    }
}
