using System.Text;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Policy;

/// <summary>A policy is asked when a session opens, and again before a share leaves.</summary>
public sealed class JudgedSessionTests
{
    private static readonly SpendingPolicy _open = new();
    private static readonly SpendingPolicy _shut = new() { Denied = new HashSet<Script> { Withdrawal.Bob } };
    private static readonly SpendingPolicy _approved = new() { Approvals = new ApprovalRule(0, 1, [Withdrawal.IdentityOf("erin")]) };
    private readonly Party _party;

    public JudgedSessionTests()
    {
        Party party = Party.Of(2, 3);
        _party = party.With(Payment.RequestForAll(party, Withdrawal.Psbt(party)));
    }

    [Fact]
    public void A_payment_that_the_policy_refuses_opens_no_session_at_a_seat_or_a_coordinator()
    {
        SeatSpecification seat = SeatSpecification.For(_party).Knowing(static standing => standing with { Policy = _shut });
        seat.When(new SeatRequest.Open(_party.Request)).ThenRefused("policy_output_denied", "output", "1");
        Assert.IsType<SessionState.Absent>(seat.State);
        CoordinatorSpecification.For(_party).Knowing(static standing => standing with { Policy = _shut }).WhenSigned().ThenRefused("policy_output_denied");
        seat.Knowing(static standing => standing with { Policy = _open }).When(new SeatRequest.Open(_party.Request)).ThenAccepted();
    }

    [Fact]
    public void N4_A_policy_that_was_tightened_after_the_session_opened_stops_the_share_and_consumes_nothing()
    {
        SeatSpecification seat = SeatSpecification.For(_party).Knowing(static standing => standing with { Policy = _open }).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.Knowing(static standing => standing with { Policy = _shut }).WhenSigning(package).ThenRefusedKeeping("policy_output_denied");
        seat.Knowing(static standing => standing with { Policy = _open }).WhenSigning(package).ThenAccepted();
        seat.Knowing(static standing => standing with { Policy = _shut }).WhenSigning(package).ThenAccepted();
    }

    [Fact]
    public void A_policy_that_came_after_the_session_opened_stops_the_share_of_a_bare_message()
    {
        Party bare = Party.Of(2, 3);
        SeatSpecification.For(bare).Knowing(static standing => standing with { Policy = _open })
            .When(new SeatRequest.Open(bare.Request)).ThenRefused("policy_raw_message");
        SeatSpecification seat = SeatSpecification.For(bare).GivenJoined(bare.Attempt(1));
        SigningPackage package = seat.Package();
        seat.Knowing(static standing => standing with { Policy = _open }).WhenSigning(package).ThenRefused("policy_raw_message");
    }

    [Fact]
    public void The_moment_is_the_one_of_each_command_and_a_window_that_closed_ends_the_session_for_the_seat()
    {
        SpendingPolicy daytime = new() { Window = new DailyWindow(new TimeOnly(8, 0), new TimeOnly(18, 0)) };
        SeatSpecification seat = SeatSpecification.For(_party)
            .Knowing(standing => standing with { Policy = daytime, Now = 17 * 3600 }).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.Knowing(static standing => standing with { Now = 18 * 3600 }).WhenSigning(package).ThenRefused("policy_outside_window", "now", "18:00:00");
        // As a mere withdrawal it would be followed by another attempt at once, until the morning.
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        (SeatAnswer answer, _) = (SeatRunner.Start(_party, 0) with { Standing = _party.Standing with { Policy = daytime, Now = 17 * 3600 } })
            .Answer(new SeatRequest.Open(_party.Request)).After.Answer(new SeatRequest.Commit(_party.Attempt(1))).After
            .WithStanding(_party.Standing with { Policy = daytime, Now = 18 * 3600 }).Answer(new SeatRequest.SignShare(session.PackageOf(0)));
        session.WhenAnswered(0, answer);
        Assert.Equal(new SeatStanding.Declined("policy_outside_window"), session.Roster[Party.Seat(0)]);
    }

    [Fact]
    public void The_day_of_a_seat_is_counted_by_a_fact_of_the_command()
    {
        SpendingPolicy policy = new() { MaximumDaySat = 100_000 };
        SeatSpecification seat = SeatSpecification.For(_party).Knowing(standing => standing with { Policy = policy });
        seat.When(new SeatRequest.Open(_party.Request)).ThenRefused("policy_spent_unknown");
        seat.Knowing(static standing => standing with { SpentToday = 29_001 }).When(new SeatRequest.Open(_party.Request)).ThenRefused("policy_day_above_limit");
        seat.Knowing(static standing => standing with { SpentToday = 29_000 }).When(new SeatRequest.Open(_party.Request)).ThenAccepted();
    }

    [Fact]
    public void Approvals_travel_with_the_payment_and_every_seat_verifies_them()
    {
        Txid txid = Withdrawal.Psbt(_party).UnsignedTransaction.Txid;
        SigningRequest approved = With(Withdrawal.ApprovalOf("erin", _party.Id, txid));
        SigningRequest forged = With(Withdrawal.ApprovalOf("mallory", _party.Id, txid));
        SeatSpecification seat = SeatSpecification.For(_party.With(approved)).Knowing(static standing => standing with { Policy = _approved });
        seat.When(new SeatRequest.Open(_party.Request)).ThenRefused("policy_approvals_missing");
        seat.When(new SeatRequest.Open(forged)).ThenRefused("policy_approvals_missing");
        seat.GivenJoined(_party.Attempt(1)).WhenSigning(seat.Package()).ThenAccepted();
        seat.When(new SeatRequest.Open(_party.Request)).ThenRefused("policy_approvals_missing");
        seat.Knowing(static standing => standing with { Policy = null }).When(new SeatRequest.Open(_party.Request)).ThenRefused("session_conflict");
    }

    [Fact]
    public void More_approvals_than_anybody_needs_are_refused_before_one_is_verified()
    {
        Approval[] many = [.. Enumerable.Repeat(default(Approval), Approval.MaximumCount + 1)];
        SeatSpecification.For(_party).When(new SeatRequest.Open(With(many))).ThenRefused("too_many_approvals");
        SeatSpecification.For(_party).When(new SeatRequest.Open(With(many[1..]))).ThenAccepted();
    }

    [Fact]
    public void Approvals_are_stored_behind_the_payment_and_read_back_equal()
    {
        Approval first = Withdrawal.ApprovalOf("erin", _party.Id, default);
        Approval second = Withdrawal.ApprovalOf("frank", _party.Id, default);
        SigningSessionEvent opened = new SigningSessionEvent.SessionOpened(
            _party.Request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([1]), 0) { Approvals = Batch.Of([first, second]) } });
        (string name, byte[] bytes) = SigningSessionCodec.Events.Encode(opened);
        Assert.EndsWith(
            $$$$"""
            "artefact":{"kind":"psbt_input","psbt":"AQ==","inputIndex":0,"approvals":"{{{{first}}}}{{{{second}}}}"}}}
            """,
            Encoding.UTF8.GetString(bytes),
            StringComparison.Ordinal);
        Assert.Equal(opened, SigningSessionCodec.Events.Decode(name, bytes));
    }

    [Fact]
    public void Without_a_policy_the_payment_is_not_read_again_for_a_share()
    {
        Party party = _party.With(_party.Request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From("no PSBT"u8), 0) });
        SeatSpecification seat = SeatSpecification.For(party).GivenJoined(party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.Knowing(static standing => standing with { Policy = _open }).WhenSigning(package).ThenRefused("psbt_not_a_psbt");
        seat.Knowing(static standing => standing with { Policy = null }).WhenSigning(package).ThenAccepted();
    }

    private SigningRequest With(params Approval[] approvals) => _party.Request with
    {
        Artefact = (PolicyArtefact.PsbtInput)_party.Request.Artefact with { Approvals = Batch.Of(approvals) },
    };
}
