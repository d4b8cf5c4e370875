using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Session;

public class CommitTests
{
    private readonly Party _party = Party.Of(2, 3);

    [Fact]
    public void A_seat_joins_an_attempt_with_a_valid_commitment()
    {
        AttemptContext attempt = _party.Attempt(1);
        Batch<Commitment> commitment = _party.Commitment(attempt, Party.Seat(0));
        SeatSpecification.For(_party).GivenOpen()
            .When(new SeatRequest.Commit(attempt))
            .Then(new SigningSessionEvent.AttemptJoined(attempt, commitment))
            .ThenReplied(new SeatReply.Joined(attempt.Id, commitment));
        Assert.True(commitment.Single.IsValid());
    }

    [Fact]
    public void N9_A_commit_repeated_before_consumption_returns_the_identical_commitment()
    {
        AttemptContext attempt = _party.Attempt(1);
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(attempt);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            seat.When(new SeatRequest.Commit(attempt)).ThenOnlyReplied(new SeatReply.Joined(attempt.Id, seat.Commitment));
        }
    }

    [Fact]
    public void N9_A_newer_attempt_gets_a_commitment_of_its_own()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        Batch<Commitment> first = seat.Commitment;
        seat.When(new SeatRequest.Commit(_party.Attempt(2))).ThenAccepted();
        Assert.NotEqual(first, seat.Commitment);
    }

    [Fact]
    public void N9_An_older_attempt_never_disturbs_a_newer_one()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(2));
        SigningPackage package = seat.Package();
        seat.When(new SeatRequest.Commit(_party.Attempt(1))).ThenRefused("attempt_stale", "newest", "2");
        seat.WhenSigning(package).ThenAccepted();
    }

    [Fact]
    public void N9_An_equal_attempt_number_with_another_context_never_disturbs_the_live_one()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.When(new SeatRequest.Commit(_party.Attempt(1, 0, 1))).ThenRefused("attempt_conflict");
        seat.WhenSigning(package).ThenAccepted();
    }

    [Fact]
    public void N9_A_number_at_or_below_a_consumed_one_is_stale_even_for_another_included_set()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(5));
        seat.WhenSigning(seat.Package()).ThenAccepted();
        seat.When(new SeatRequest.Commit(_party.Attempt(5, 0, 1))).ThenRefused("attempt_stale", "newest", "5");
        seat.When(new SeatRequest.Commit(_party.Attempt(4))).ThenRefused("attempt_stale", "newest", "5");
        seat.When(new SeatRequest.Commit(_party.Attempt(6))).ThenAccepted();
    }

    [Fact]
    public void N9_Sibling_seats_are_independent()
    {
        AttemptContext attempt = _party.Attempt(1);
        SeatSpecification zero = SeatSpecification.For(_party, 0).GivenJoined(attempt);
        SeatSpecification one = SeatSpecification.For(_party, 1).GivenJoined(attempt);
        Assert.NotEqual(zero.Commitment, one.Commitment);
        one.When(new SeatRequest.Abort(AbortReason.Requested)).ThenAccepted();
        zero.WhenSigning(zero.Package()).ThenAccepted();
    }

    [Fact]
    public void N6_A_consumed_attempt_is_not_committed_to_again()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        seat.WhenSigning(seat.Package()).ThenAccepted();
        seat.When(new SeatRequest.Commit(_party.Attempt(1))).ThenRefused("attempt_consumed");
        seat.Restarted().When(new SeatRequest.Commit(_party.Attempt(1))).ThenRefused("attempt_consumed");
    }

    [Fact]
    public void A_restart_loses_the_nonce_and_a_newer_attempt_heals_it()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1)).Restarted();
        seat.When(new SeatRequest.Commit(_party.Attempt(1))).ThenRefused("nonce_lost");
        seat.GivenJoined(_party.Attempt(2)).WhenSigning(seat.Package()).ThenAccepted();
    }

    [Fact]
    public void A_nonce_of_another_commitment_is_as_good_as_none()
    {
        HeldNonce foreign = new(_party.Commitment(_party.Attempt(9), Party.Seat(0)), null);
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1)).Holding(foreign);
        seat.When(new SeatRequest.Commit(_party.Attempt(1))).ThenRefused("nonce_lost");
        seat.WhenSigning(seat.Package()).ThenRefused("nonce_lost");
    }

    [Fact]
    public void A1_Fewer_seats_than_the_threshold_are_refused() => Refused(_party.Attempt(1, 0), "attempt_context_invalid");

    [Fact]
    public void A1_A_stranger_in_the_included_set_is_refused() => Refused(_party.Attempt(1, 0, 1, 2, 3), "attempt_context_invalid");

    [Fact]
    public void A1_An_included_set_without_the_seat_itself_is_refused() => Refused(_party.Attempt(1, 1, 2), "attempt_context_invalid");

    [Fact]
    public void A1_An_empty_included_set_is_refused() =>
        Refused(AttemptContext.Derive(_party.Session, _party.Request, 1, default), "attempt_context_invalid");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A1_Attempts_count_from_one(int number) => Refused(_party.Attempt(number), "attempt_context_invalid");

    public static TheoryData<string> Fields => ["session", "group", "message", "tweak", "tweak mode", "number", "included"];

    [Theory]
    [MemberData(nameof(Fields))]
    public void A2_A_field_altered_alone_changes_the_id_and_is_refused(string field)
    {
        Party party = _party.WithTweaks(Party.Tweak(7));
        AttemptContext right = party.Attempt(1);
        SigningRequest request = party.Request;
        AttemptContext altered = field switch
        {
            "session" => AttemptContext.Derive(SessionId.Parse("payout-2"), request, 1, right.Included),
            "group" => AttemptContext.Derive(party.Session, request with { Group = Party.Of(2, 3, "another").Id }, 1, right.Included),
            "message" => AttemptContext.Derive(party.Session, request with { Message = Party.Hash("x") }, 1, right.Included),
            "tweak" => AttemptContext.Derive(party.Session, request with { Tweaks = new TweakList(Party.Tweak(8)) }, 1, right.Included),
            "tweak mode" => AttemptContext.Derive(party.Session, request with { Tweaks = new TweakList(Party.Tweak(7, TweakMode.Plain)) }, 1, right.Included),
            "number" => AttemptContext.Derive(party.Session, request, 2, right.Included),
            _ => AttemptContext.Derive(party.Session, request, 1, Party.Seats(0, 1)),
        };
        Assert.NotEqual(right.Id, altered.Id);
        SeatSpecification.For(party).GivenOpen()
            .When(new SeatRequest.Commit(right with { Id = altered.Id })).ThenRefused("attempt_id_mismatch")
            .When(new SeatRequest.Commit(altered with { Number = 1, Included = right.Included })).ThenRefused("attempt_id_mismatch");
    }

    [Fact]
    public void The_checks_answer_in_their_order()
    {
        // Each step mends the first fault and meets the next.
        AttemptContext late = _party.Attempt(1, 0, 1, 2, 3);
        SeatSpecification seat = SeatSpecification.For(_party)
            .Knowing(static standing => standing with { Group = null, HeldSeats = default })
            .When(new SeatRequest.Commit(late with { Number = 0 })).ThenRefused("session_not_found")
            .GivenOpen()
            .When(new SeatRequest.Commit(late with { Number = 0 })).ThenRefused("unknown_group")
            .Knowing(standing => standing with { Group = _party.Group })
            .When(new SeatRequest.Commit(late with { Number = 0 })).ThenRefused("seat_not_held")
            .Knowing(standing => standing with { HeldSeats = _party.Group.Seats })
            .When(new SeatRequest.Commit(late with { Number = 0 })).ThenRefused("attempt_context_invalid", "rule", "attempts count from 1")
            .When(new SeatRequest.Commit(late with { Number = 2 })).ThenRefused("attempt_id_mismatch")
            .When(new SeatRequest.Commit(_party.Attempt(1, 1, 3))).ThenRefused("attempt_context_invalid", "rule", "this seat is not included")
            .When(new SeatRequest.Commit(late)).ThenRefused("attempt_context_invalid", "rule", "a seat outside the group is included");
        seat.When(new SeatRequest.Commit(_party.Attempt(1, 0))).ThenRefused("attempt_context_invalid", "rule", "fewer seats than the threshold are included");
    }

    [Theory]
    [InlineData(true, "attempt_already_aggregated")]
    [InlineData(false, "session_aborted")]
    public void A_session_that_ended_answers_its_end_before_it_looks_at_the_attempt(bool completed, string code)
    {
        SigningSessionEvent end = completed
            ? new SigningSessionEvent.AttemptAggregated(_party.Attempt(1), _party.Signature())
            : new SigningSessionEvent.SessionAborted(AbortReason.Requested);
        SeatSpecification.For(_party).GivenOpen().Given(end)
            .When(new SeatRequest.Commit(_party.Attempt(2))).ThenRefused(code)
            .When(new SeatRequest.Commit(_party.Attempt(2) with { Number = 3 })).ThenRefused(code);
    }

    [Fact]
    public void A8_A_full_set_of_markers_declines_more_attempts_and_evicts_none()
    {
        SigningPackage package = _party.Package(_party.Attempt(1), Party.Seat(0), _party.Commitment(_party.Attempt(1), Party.Seat(0)));
        Batch<Share> share = _party.ShareOf(package, 0);
        SeatSpecification seat = SeatSpecification.For(_party).GivenOpen().Given([.. Enumerable.Range(1, ConsumedMarkers.Capacity).SelectMany(number =>
        {
            AttemptContext attempt = _party.Attempt(number);
            return new SigningSessionEvent[]
            {
                new SigningSessionEvent.AttemptJoined(attempt, package.Commitments[0].Commitment),
                new SigningSessionEvent.ShareProduced(attempt, (package with { Attempt = attempt }).ComputeHash(), share),
            };
        })]);
        seat.When(new SeatRequest.Commit(_party.Attempt(ConsumedMarkers.Capacity + 1))).ThenRefused("attempts_exhausted");
        foreach (int number in (int[])[1, 100, ConsumedMarkers.Capacity])
        {
            seat.WhenSigning(package with { Attempt = _party.Attempt(number) }).ThenOnlyReplied(new SeatReply.Signed(_party.Attempt(number).Id, share));
            seat.WhenSigning(package with { Attempt = _party.Attempt(number), Message = Party.Hash("x") }).ThenRefused("consumed_nonce_replay");
        }
    }

    [Fact]
    public void One_marker_below_the_capacity_still_joins()
    {
        SigningPackage package = _party.Package(_party.Attempt(1), Party.Seat(0), _party.Commitment(_party.Attempt(1), Party.Seat(0)));
        ConsumedMarkers markers = ConsumedMarkers.None;
        for (int number = 1; number < ConsumedMarkers.Capacity; number++)
        {
            markers = markers.With(new ConsumedMarker(_party.Attempt(number), package.ComputeHash(), default(Share)));
        }

        Assert.False(markers.IsFull);
        Assert.True(markers.With(new ConsumedMarker(_party.Attempt(256), package.ComputeHash(), default(Share))).IsFull);
    }

    private void Refused(AttemptContext attempt, string code) =>
        SeatSpecification.For(_party).GivenOpen().When(new SeatRequest.Commit(attempt)).ThenRefused(code);
}
