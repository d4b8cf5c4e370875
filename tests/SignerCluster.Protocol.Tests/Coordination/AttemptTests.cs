using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>How the coordinator opens, fills and ends attempts when everybody behaves.</summary>
public class AttemptTests
{
    private readonly Party _party = Party.Of(2, 3).WithTweaks(Party.Tweak(7));

    [Fact]
    public void A_request_opens_the_session_and_asks_every_seat()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        AttemptContext first = _party.Attempt(1);
        session
            .Then(new RoastEvent.SigningRequested(_party.Request, 2, 3), new RoastEvent.AttemptProposed(first, AdvanceReason.First))
            .ThenReplied(new CoordinatorReply.Running(0))
            .ThenAsks((0, session.OpenAndCommit), (1, session.OpenAndCommit), (2, session.OpenAndCommit));
    }

    [Fact]
    public void An_attempt_starts_as_soon_as_t_seats_are_responsive_and_the_next_one_collects_at_once()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        AttemptContext first = session.Collecting;
        Batch<Commitment> two = _party.Commitment(first, Party.Seat(2));
        Batch<Commitment> zero = _party.Commitment(first, Party.Seat(0));
        session.WhenJoined(2).Then(new RoastEvent.CommitmentReceived(first.Id, Party.Seat(2), two));
        Assert.Empty(session.Effects);
        SeatCommitments commitments = SeatCommitments.From([(Party.Seat(2), two), (Party.Seat(0), zero)]);
        session.WhenJoined(0).Then(
            new RoastEvent.CommitmentReceived(first.Id, Party.Seat(0), zero),
            new RoastEvent.PackageIssued(first, commitments),
            new RoastEvent.AttemptProposed(_party.Attempt(2), AdvanceReason.PackageIssued));
        SigningPackage package = new(first, _party.Request.Message, _party.Request.Tweaks, commitments);
        session.ThenAsks((0, session.SignAndCommit(package)), (2, session.SignAndCommit(package)));
        session.ThenReplied(new CoordinatorReply.Running(1));
    }

    [Fact]
    public void What_is_asked_of_a_seat_that_no_live_attempt_needs_is_marked_as_a_spare()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        Assert.Empty(Spares());
        session.WhenJoined(0).WhenJoined(1);
        Assert.Empty(Spares());
        session.WhenSharedBy(1);
        Assert.Equal([_party.Address(2)], Spares());

        session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenRefused(1, _party.Attempt(1).Id, "nonce_lost");
        Assert.Empty(Spares());
        Assert.Contains(_party.Address(2), session.Effects.OfType<CoordinatorEffect.AskSeat>().Select(static ask => ask.Seat));

        IEnumerable<SeatAddress> Spares() =>
            session.Effects.OfType<CoordinatorEffect.AskSeat>().Where(static ask => ask.IsSpare).Select(static ask => ask.Seat);
    }

    [Fact]
    public void D4_The_last_share_completes_the_session_once_with_a_valid_signature()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(1);
        session.ThenEvents(typeof(RoastEvent.ShareAccepted)).ThenAsks((1, [new SeatRequest.Commit(session.Collecting)]), (2, session.OpenAndCommit));
        AttemptContext first = _party.Attempt(1);
        SeatAnswer last = session.Signed(0);
        session.WhenAnswered(0, last).ThenEvents(typeof(RoastEvent.ShareAccepted), typeof(RoastEvent.SessionCompleted));
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(session.Reply);
        Assert.True(_party.Verifies(done.Signature));
        Assert.Equal(TweakedKey.Create(_party.Group.GroupKey, _party.Request.Tweaks.Single).Value.OutputKey, done.OutputKey.Single);
        SeatRequest complete = new SeatRequest.Complete(first, done.Signature);
        Assert.Equal(_party.Group.Seats.Select(seat => new CoordinatorEffect.TellSeat(_party.Coordinator.At(seat), complete)), session.Effects.SkipLast(1));
        Assert.Equal(done, RoastDecider.Status(Assert.IsType<CoordinatorEffect.Announce>(session.Effects[^1]).End));
        foreach (SeatId seat in _party.Group.Seats)
        {
            SeatSpecification.For(_party, seat.Value).GivenOpen().When(complete).ThenAccepted();
        }
    }

    [Fact]
    public void D4_Nothing_is_written_after_the_end()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(1);
        SeatAnswer last = session.Signed(0);
        session.WhenAnswered(0, last);
        CoordinatorReply done = session.Reply;
        session.WhenAnswered(0, last).ThenNothing().ThenReplied(done);
        session.WhenAnswered(2, session.Joined(2)).ThenNothing().ThenReplied(done);
        session.WhenRefused(2, null, "group_retired", terminal: true).ThenNothing().ThenReplied(done);
        session.WhenSigned().ThenNothing().ThenReplied(done);
        session.When(new CoordinatorCommand.Abort(AbortReason.Expired)).ThenNothing().ThenReplied(done);
        session.When(new CoordinatorCommand.Show()).ThenNothing().ThenReplied(done);
        session.ThenResumes();
        Assert.False(RoastDecider.Decider.IsOpen(session.State));
    }

    [Fact]
    public void D5_Another_payload_under_the_id_of_a_completed_session_is_a_conflict_and_reads_nothing()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(1).WhenSharedBy(0);
        foreach (SigningRequest other in (SigningRequest[])
            [
                _party.Request with { Message = Party.Hash("x") },
                _party.Request with { Tweaks = TweakList.None },
                _party.Request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([1]), 0) },
                _party.Request with { Group = Party.Of(2, 3, "another").Id },
            ])
        {
            session.When(new CoordinatorCommand.Sign(other)).ThenRefused("session_conflict");
        }
    }

    [Fact]
    public void Every_duplicate_of_every_reply_is_harmless()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        SeatAnswer zero = session.Joined(0);
        session.WhenAnswered(0, zero);
        session.WhenAnswered(0, zero).ThenNothing();
        SeatAnswer two = session.Joined(2);
        session.WhenAnswered(2, two);
        session.WhenAnswered(2, two).ThenNothing();
        session.WhenAnswered(0, zero).ThenNothing();
        SeatAnswer[] both = [session.Signed(2), session.Joined(2)];
        session.WhenAnswered(2, both).ThenEvents(typeof(RoastEvent.ShareAccepted), typeof(RoastEvent.CommitmentReceived));
        session.WhenAnswered(2, both).ThenNothing();
        session.WhenAnswered(2, two).ThenNothing();
        Assert.Empty(session.Roster.Convicted);
        session.WhenSharedBy(0);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Theory]
    [InlineData("attempt_consumed")]
    [InlineData("attempt_stale")]
    public void A_late_duplicate_of_a_commit_does_not_spoil_the_attempt_that_the_seat_has_signed(string code)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        AttemptContext first = _party.Attempt(1);
        session.WhenRefused(0, first.Id, code).ThenNothing();
        session.WhenSharedBy(1).WhenSharedBy(0);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A5_A_seat_whose_nonce_served_another_package_drops_out_without_blame()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenRefused(0, _party.Attempt(1).Id, "consumed_nonce_replay").ThenEvents(typeof(RoastEvent.SeatWithdrew));
        Assert.Empty(session.Roster.Convicted);
    }

    [Fact]
    public void A_commitment_to_an_older_attempt_is_not_used_and_the_seat_is_asked_again_once_an_attempt_could_be_filled()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        SeatAnswer late = session.Joined(2);
        session.WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(2, late).Then().ThenAsks();
        session.WhenSharedBy(1).ThenAsks((1, [new SeatRequest.Commit(session.Collecting)]), (2, session.OpenAndCommit));
    }

    [Fact]
    public void A_share_for_another_attempt_than_the_awaited_one_is_not_judged()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(0, new SeatAnswer.Granted(new SeatReply.Signed(_party.Attempt(2).Id, default(Share)))).ThenNothing();
        session.WhenAnswered(2, new SeatAnswer.Granted(new SeatReply.Signed(_party.Attempt(1).Id, default(Share)))).Then();
        Assert.Empty(session.Roster.Convicted);
    }

    [Fact]
    public void An_answer_of_a_seat_outside_the_group_changes_nothing()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        session.WhenAnswered(3, session.Joined(0)).ThenNothing();
        session.WhenAnswered(127, session.Joined(0)).ThenNothing();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_seat_that_could_not_write_is_asked_for_the_same_again(bool refusedNext)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        SeatAnswer failed = new SeatAnswer.Failed("key_unavailable", IsTransient: true);
        SeatAnswer next = refusedNext
            ? new SeatAnswer.Refused(session.Collecting.Id, Refusal.Recoverable("nonce_capacity", "full"))
            : new SeatAnswer.Granted(new SeatReply.Joined(session.Collecting.Id, _party.Commitment(session.Collecting, Party.Seat(0))));
        session.WhenAnswered(0, failed, next).Then().ThenAsks((0, session.SignAndCommit(session.PackageOf(0))));
        session = CoordinatorSpecification.For(_party).WhenSigned();
        session.WhenAnswered(2, failed).Then().ThenAsks((2, [new SeatRequest.Commit(session.Collecting)]));
    }

    [Fact]
    public void An_abort_ends_the_session_and_tells_the_seats()
    {
        CoordinatorSpecification session =
            CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).When(new CoordinatorCommand.Abort(AbortReason.Expired));
        session.ThenEvents(typeof(RoastEvent.SessionFailed));
        Assert.Equal("session_aborted", Assert.IsType<CoordinatorReply.Failed>(session.Reply).Reason.Code);
        Assert.Equal(3, session.Effects.OfType<CoordinatorEffect.TellSeat>().Count(static tell => tell.Request == new SeatRequest.Abort(AbortReason.Expired)));
        Assert.Single(session.Effects.OfType<CoordinatorEffect.Announce>());
        session.When(new CoordinatorCommand.Abort(AbortReason.Requested)).ThenNothing();
        session.WhenSigned().ThenNothing();
        Assert.IsType<CoordinatorReply.Failed>(session.Reply);
    }

    [Fact]
    public void A_session_that_was_never_requested_is_not_found()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party);
        session.When(new CoordinatorCommand.Show()).ThenRefused("session_not_found");
        session.When(new CoordinatorCommand.Abort(AbortReason.Requested)).ThenRefused("session_not_found");
        session.WhenAnswered(0).ThenRefused("session_not_found");
        Assert.False(RoastDecider.Decider.IsOpen(session.State));
    }

    [Fact]
    public void A_request_is_refused_by_policy_before_anything_is_written()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party);
        session.Knowing(static standing => standing with { Group = null }).WhenSigned().ThenRefused("unknown_group");
        session.Knowing(standing => standing with { Group = _party.Group, Lifecycle = GroupLifecycle.RekeyRequired }).WhenSigned()
            .ThenRefused("group_rekey_required");
        session.Knowing(static standing => standing with { Lifecycle = GroupLifecycle.Retired }).WhenSigned().ThenRefused("group_retired");
        session.Knowing(static standing => standing with { Lifecycle = GroupLifecycle.Active, AllowRaw = false }).WhenSigned()
            .ThenRefused("raw_message_not_allowed");
        session.Knowing(static standing => standing with { AllowRaw = true, HeldSeats = default }).WhenSigned();
        session.ThenReplied(new CoordinatorReply.Running(0));
    }

    [Fact]
    public void A_request_that_is_repeated_while_it_runs_is_the_same_session()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenSigned().ThenNothing().ThenReplied(new CoordinatorReply.Running(1));
    }

    [Fact]
    public void One_of_one_signs_alone()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(Party.Of(1, 1)).WhenSigned().WhenJoined(0).WhenSharedBy(0);
        Assert.True(Party.Of(1, 1).Verifies(Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature));
    }
}
