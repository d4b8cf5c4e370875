using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>A covenant job: accepted once, signed once, never forgotten.</summary>
public sealed class JobTests
{
    private static readonly Bytes64 _signature = Covenant.SignatureOf("anybody", default);

    [Theory]
    [InlineData(CovenantKind.SelfV1)]
    [InlineData(CovenantKind.QcV1)]
    public void C3_A_job_is_recorded_with_its_whole_request_and_only_then_its_session_is_asked(CovenantKind kind)
    {
        JobRequest request = Covenant.Request(kind);
        JobSpecification job = JobSpecification.On(kind).WhenSubmitted(request).Then<JobEvent.Accepted>().ThenReplied(new JobReply.Pending());
        job.ThenAsks(new JobEffect.Sign(new CoordinatorAddress(Covenant.Party.Id, job.Address.Session), Covenant.Signing(request)));
        Assert.Equal(new JobEvent.Accepted(request.DigestFor(job.Address), request, JobSpecification.Start), job.History[0]);
    }

    [Fact]
    public void C3_A_job_that_was_open_when_its_node_stopped_asks_the_same_session_again_and_one_that_ended_asks_nothing()
    {
        JobSpecification job = JobSpecification.Accepted();
        JobEffect.Sign owed = Assert.IsType<JobEffect.Sign>(Assert.Single(JobDecider.Resume(job.State)));
        Assert.Equal((job.Address.Session, Covenant.Signing(Covenant.Request())), (owed.Session.Session, owed.Request));
        Assert.True(JobDecider.Decider.IsOpen(job.State));

        job.WhenSigned(_signature);
        Assert.Empty(JobDecider.Resume(job.State));
        Assert.False(JobDecider.Decider.IsOpen(job.State));
    }

    [Fact]
    public void C2_The_same_request_is_the_same_job_whenever_it_comes()
    {
        JobSpecification job = JobSpecification.Accepted();
        job.WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Pending());
        job.WhenSigned(_signature).Then<JobEvent.Signed>().ThenReplied(new JobReply.Ready(_signature));
        job.After(86_400 * 365).WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Ready(_signature));
    }

    [Fact]
    public void C2_Another_request_under_a_known_id_is_refused_and_nothing_is_signed_for_it()
    {
        JobSpecification job = JobSpecification.Accepted().WhenSubmitted(Covenant.Request(paidSat: 900_001)).ThenRefused("job_conflict");
        Assert.Equal(Covenant.Request().DigestFor(job.Address).ToString(), job.Refusal.Evidence["expectedDigest"]);
        job.WhenSigned(_signature).WhenSubmitted(Covenant.Request() with { Epoch = 8 }).ThenRefused("job_conflict");
    }

    [Fact]
    public void C2_A_poll_is_answered_for_exactly_the_request_that_was_accepted()
    {
        JobSpecification job = JobSpecification.On().When(new JobCommand.Poll(Party.Hash("any"))).ThenRefused("job_not_found");
        job.WhenSubmitted(Covenant.Request());
        job.When(new JobCommand.Poll(Covenant.Request().DigestFor(job.Address))).ThenOnlyReplied(new JobReply.Pending());
        job.When(new JobCommand.Poll(Covenant.Request(paidSat: 900_001).DigestFor(job.Address))).ThenRefused("job_conflict");
    }

    [Fact]
    public void C1_The_session_of_a_job_follows_from_its_address_alone_and_no_two_addresses_share_one()
    {
        JobAddress[] addresses =
        [
            new(CovenantKind.SelfV1, RouteRequestId.Parse("a")), new(CovenantKind.QcV1, RouteRequestId.Parse("a")),
            new(CovenantKind.SelfV1, RouteRequestId.Parse("a-")), new(CovenantKind.SelfV1, RouteRequestId.Parse(new string('a', RouteRequestId.MaximumLength))),
        ];
        Assert.Distinct(addresses.Select(static address => address.Session));
        Assert.Equal(addresses[0].Session, new JobAddress(CovenantKind.SelfV1, RouteRequestId.Parse("a")).Session);
        Assert.All(addresses, static address => Assert.Equal(address, EntityAddress.ToJob(EntityAddress.Of(address))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a.b")]
    [InlineData("ä")]
    public void N8_What_is_no_request_id_is_refused(string text) => Assert.False(RouteRequestId.TryParse(text, out _));

    [Fact]
    public void C4_Every_order_of_members_and_every_case_of_hex_gives_the_same_digest()
    {
        JobAddress address = new(CovenantKind.QcV1, RouteRequestId.Parse("request-1"));
        JobRequest request = Covenant.Request(CovenantKind.QcV1);
        string text = JsonSerializer.Serialize(new AddressedRequest("qc_v1", "request-1", request), WireJson.Default.AddressedRequest);
        string turned = Turned(JsonNode.Parse(text)!).ToJsonString();
        Assert.NotEqual(text, turned);
        Assert.Equal(request.DigestFor(address), Read(turned).DigestFor(address));
        string depositor = request.Terms.Depositor.ToString();
        Assert.Equal(request.DigestFor(address), Read(text.Replace(depositor, depositor.ToUpperInvariant(), StringComparison.Ordinal)).DigestFor(address));
        Assert.NotEqual(request.DigestFor(address), request.DigestFor(address with { Route = CovenantKind.SelfV1 }));

        static JobRequest Read(string text) => JsonSerializer.Deserialize(text, WireJson.Default.AddressedRequest)!.Request;
    }

    [Fact]
    public void C6_What_the_registry_does_not_say_is_told_as_what_it_is_and_nothing_is_recorded()
    {
        Reading<ReserveRecord>.Unavailable outage = new("registry_unreadable", DateTimeOffset.UnixEpoch);
        Refusal refusal = JobSpecification.On().Knowing(outage).WhenSubmitted(Covenant.Request()).ThenRefused("registry_unavailable").Refusal;
        Assert.Equal((RefusalClass.Recoverable, "registry_unreadable"), (refusal.Class, refusal.Evidence["reason"]));
        JobSpecification.On().Knowing(new Reading<ReserveRecord>.Unknown()).WhenSubmitted(Covenant.Request()).ThenRefused("reserve_unknown");
    }

    [Fact]
    public void C6_While_the_registry_is_out_what_was_accepted_is_polled_and_what_was_signed_waits_for_it()
    {
        Reading<ReserveRecord>.Unavailable outage = new("registry_unreadable", DateTimeOffset.UnixEpoch);
        JobSpecification job = JobSpecification.Accepted().Knowing(outage);
        job.WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Pending());
        job.WhenSigned(_signature).ThenOnlyReplied(new JobReply.Pending());
        job.Knowing(JobSpecification.Reserve).WhenSigned(_signature).Then<JobEvent.Signed>();
        job.Knowing(outage).WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Ready(_signature));
    }

    public static TheoryData<string, string> WrongReserves => new()
    {
        { "another epoch", "reserve_epoch_mismatch" },
        { "another group", "reserve_key_unknown" },
        { "another depositor", "reserve_key_unknown" },
        { "another custodian", "reserve_key_unknown" },
        { "a certificate is wanted", "job_certificate_missing" },
        { "a quote is wanted", "job_quote_missing" },
    };

    [Theory]
    [MemberData(nameof(WrongReserves))]
    public void A_job_that_the_reserve_does_not_allow_is_refused(string what, string code)
    {
        ReserveRecord reserve = what switch
        {
            "another epoch" => JobSpecification.Reserve with { Epoch = 8 },
            "another group" => JobSpecification.Reserve with { Groups = [] },
            "another depositor" => JobSpecification.Reserve with { Depositors = [] },
            "another custodian" => JobSpecification.Reserve with { Custodians = [] },
            "a certificate is wanted" => JobSpecification.Reserve with { NeedsCertificate = true },
            _ => JobSpecification.Reserve with { Quoter = Withdrawal.IdentityOf("quoter").ToBytes() },
        };
        JobSpecification.On(CovenantKind.QcV1).Knowing(reserve).WhenSubmitted(Covenant.Request(CovenantKind.QcV1)).ThenRefused(code);
    }

    [Fact]
    public void What_the_reserve_does_not_allow_any_more_when_the_group_has_signed_is_not_told()
    {
        JobSpecification job = JobSpecification.Accepted().Knowing(JobSpecification.Reserve with { Groups = [] });
        job.WhenSigned(_signature).Then<JobEvent.Failed>();
        job.Knowing(JobSpecification.Reserve).WhenSubmitted(Covenant.Request());
        Assert.Equal("reserve_key_unknown", Assert.IsType<JobState.Failed>(job.State).Reason.Code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(59, null)]
    [InlineData(60, "job_quote_not_fresh")]
    [InlineData(-1, "job_quote_not_fresh")]
    public void A_quote_must_be_fresh_when_the_job_is_submitted_and_is_not_asked_for_later(int secondsAfterIssue, string? code)
    {
        JobSpecification job = JobSpecification.On().Knowing(JobSpecification.Reserve with { Quoter = Withdrawal.IdentityOf("quoter").ToBytes() });
        ulong issued = (ulong)((long)JobSpecification.Start - secondsAfterIssue);
        JobRequest request = Quoted(job.Address, Covenant.Request(), issued);
        job.WhenSubmitted(request);
        if (code is not null)
        {
            job.ThenRefused(code);
            return;
        }

        job.Then<JobEvent.Accepted>().After(1_000).WhenSigned(_signature).Then<JobEvent.Signed>();
    }

    [Fact]
    public void A_quote_of_another_plan_or_another_quoter_is_refused()
    {
        JobSpecification job = JobSpecification.On().Knowing(JobSpecification.Reserve with { Quoter = Withdrawal.IdentityOf("quoter").ToBytes() });
        JobRequest other = Quoted(job.Address, Covenant.Request(paidSat: 900_001), JobSpecification.Start);
        job.WhenSubmitted(Covenant.Request() with { Quote = other.Quote }).ThenRefused("job_quote_invalid");
        job.Knowing(JobSpecification.Reserve with { Quoter = Withdrawal.IdentityOf("mallory").ToBytes() })
            .WhenSubmitted(Quoted(job.Address, Covenant.Request(), JobSpecification.Start)).ThenRefused("job_quote_invalid");
    }

    [Fact]
    public void A_session_that_failed_for_good_fails_the_job_and_one_that_runs_or_cannot_be_asked_leaves_it_open()
    {
        JobSpecification job = JobSpecification.Accepted();
        job.WhenAnswered(new CoordinatorReply.Running(2)).ThenOnlyReplied(new JobReply.Pending());
        job.When(new JobCommand.SessionAnswered(new CoordinatorAnswer.Failed("contended", IsTransient: true))).ThenOnlyReplied(new JobReply.Pending());
        job.When(new JobCommand.SessionAnswered(new CoordinatorAnswer.Refused(Refusal.Recoverable("group_frozen", "Frozen."))))
            .ThenOnlyReplied(new JobReply.Pending());
        Refusal reason = Refusal.Terminal("insufficient_seats", "Too few seats.");
        job.WhenAnswered(new CoordinatorReply.Failed(3, reason)).Then<JobEvent.Failed>().ThenReplied(new JobReply.Failed(reason));
        job.WhenSigned(_signature).ThenOnlyReplied(new JobReply.Pending());
        job.WhenSubmitted(Covenant.Request()).ThenOnlyReplied(new JobReply.Failed(reason));
    }

    [Fact]
    public void C3_No_job_is_open_for_ever()
    {
        JobSpecification job = JobSpecification.Accepted().After(JobDecider.Lifetime).When(new JobCommand.Look()).ThenOnlyReplied(new JobReply.Pending());
        job.After(1).When(new JobCommand.Look()).Then<JobEvent.Failed>();
        job.WhenSubmitted(Covenant.Request());
        Assert.Equal("job_expired", Assert.IsType<JobState.Failed>(job.State).Reason.Code);
    }

    [Theory]
    [InlineData(0, "job_version_unknown")]
    [InlineData(2, "job_version_unknown")]
    public void A_request_of_another_version_is_refused(int version, string code) =>
        JobSpecification.On().WhenSubmitted(Covenant.Request() with { Version = version }).ThenRefused(code);

    [Fact]
    public void A_covenant_of_one_kind_is_refused_on_the_route_of_the_other() =>
        JobSpecification.On(CovenantKind.QcV1).WhenSubmitted(Covenant.Request()).ThenRefused("job_route_mismatch");

    [Fact]
    public void A_group_that_is_unknown_or_stopped_takes_no_job()
    {
        JobSpecification.On().Knowing(Standing.Unknown).WhenSubmitted(Covenant.Request()).ThenRefused("unknown_group");
        JobSpecification.On().Knowing(Covenant.Party.Standing with { Lifecycle = GroupLifecycle.RekeyRequired })
            .WhenSubmitted(Covenant.Request()).ThenRefused("group_rekey_required");
    }

    private static JobRequest Quoted(JobAddress address, JobRequest request, ulong issuedAt)
    {
        Bytes32 message = request.QuoteMessageFor(address, issuedAt, issuedAt + 60);
        return request with { Quote = new PlanQuote(issuedAt, issuedAt + 60, Covenant.SignatureOf("quoter", message)) };
    }

    private static JsonNode Turned(JsonNode node) => node is JsonObject members
        ? new JsonObject(members.Reverse().Select(static member =>
            KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)Turned(member.Value.DeepClone()))))
        : node is JsonArray items ? new JsonArray([.. items.Select(static item => (JsonNode?)Turned(item!.DeepClone()))]) : node.DeepClone();
}
