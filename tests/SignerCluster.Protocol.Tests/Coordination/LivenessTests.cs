using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>What any n-t seats can and cannot do to a session.</summary>
public class LivenessTests
{
    private readonly Party _party = Party.Of(2, 3);

    [Fact]
    public void A4_A_silent_seat_keeps_only_its_own_attempt_open()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(2).WhenAnswered(0, BothOf(0));
        session.WhenJoined(1).WhenSharedBy(0).WhenSharedBy(1);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);

        SeatAnswer[] BothOf(int seat)
        {
            CoordinatorSpecification now = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(2);
            return [now.Signed(seat), now.Joined(seat)];
        }
    }

    [Fact]
    public void A3_Silent_seats_leave_at_most_n_minus_t_plus_1_attempts_open_and_no_false_success()
    {
        Party party = Party.Of(2, 5);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned();
        foreach (int silent in (int[])[1, 2, 3])
        {
            session.WhenJoined(0).WhenJoined(silent).WhenSharedBy(0);
        }

        Assert.Equal(3, session.Roster.Live.Count());
        session.WhenJoined(0);
        Assert.Equal(new CoordinatorReply.Running(3), session.Reply);
        session.WhenJoined(4);
        Assert.Equal(4, session.Roster.Live.Count());
        session.WhenSharedBy(0).WhenSharedBy(4);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
        Assert.Single(session.History.OfType<RoastEvent.SessionCompleted>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A4_A_seat_that_withdraws_for_ever_rests_and_cannot_stop_the_others(bool beforeItCommits)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        int spoiled = 0;
        for (; session.Roster.Invited.Contains(Party.Seat(2)); spoiled++)
        {
            if (beforeItCommits)
            {
                session.WhenRefused(2, session.Collecting.Id, "nonce_lost");
            }
            else
            {
                session.WhenJoined(0).WhenJoined(2);
                session.WhenRefused(2, session.PackageOf(2).Attempt.Id, "nonce_lost");
                session.WhenSharedBy(0);
            }
        }

        Assert.Equal(SeatRoster.DropOutAllowance + 1, spoiled);
        session.ThenNoMoreAsks(2);
        session.WhenJoined(2).ThenNothing();
        session.WhenJoined(0).WhenJoined(1).WhenSharedBy(0).WhenSharedBy(1);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
        Assert.Empty(session.Roster.Convicted);
    }

    [Fact]
    public void A_resting_seat_cannot_fill_the_journal()
    {
        CoordinatorSpecification session = Resting(2);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            session.WhenRefused(2, session.Collecting.Id, "nonce_lost").ThenNothing();
        }
    }

    [Fact]
    public void A_resting_seat_is_asked_again_when_a_conviction_makes_it_needed()
    {
        CoordinatorSpecification session = Resting(2);
        session.WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(0, session.Signed(0, new Share(Party.Hash("bad"))));
        session.WhenSharedBy(1);
        Assert.Contains(_party.Address(2), session.Effects.OfType<CoordinatorEffect.AskSeat>().Select(static ask => ask.Seat));
        session.WhenJoined(1).WhenJoined(2).WhenSharedBy(1).WhenSharedBy(2);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A_resting_seat_is_asked_again_when_another_declines()
    {
        CoordinatorSpecification session = Resting(2).WhenRefused(0, null, "group_retired", terminal: true);
        session.ThenAsks((2, session.OpenAndCommit));
        session.WhenJoined(1).WhenJoined(2).WhenSharedBy(1).WhenSharedBy(2);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A_resting_seat_is_asked_again_when_the_others_drop_out_too()
    {
        CoordinatorSpecification session = Resting(2);
        session.WhenRefused(1, session.Collecting.Id, "nonce_lost");
        Assert.Equal(Party.Seats(0, 1, 2), session.Roster.Invited);
        Assert.Contains(_party.Address(2), session.Effects.OfType<CoordinatorEffect.AskSeat>().Select(static ask => ask.Seat));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    [InlineData(5, 7)]
    public void Where_all_seats_are_honest_and_t_is_more_than_half_one_package_is_issued_however_late_the_last_commitments_come(int threshold, int participants)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(Party.Of(threshold, participants)).WhenSigned();
        SeatAnswer[] late = [.. Enumerable.Range(threshold, participants - threshold).Select(seat => session.Joined(seat))];
        for (int seat = 0; seat < threshold; seat++)
        {
            session.WhenJoined(seat);
        }

        for (int seat = threshold; seat < participants; seat++)
        {
            session.WhenAnswered(seat, late[seat - threshold]).Then().ThenAsks();
        }

        for (int seat = 0; seat < threshold; seat++)
        {
            session.WhenSharedBy(seat);
        }

        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
        Assert.Single(session.Roster.Issued);
    }

    [Fact]
    public void A4_A_seat_that_was_not_needed_is_asked_without_a_timer_when_another_signer_has_answered()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenSharedBy(1);
        Assert.Contains(_party.Address(2), session.Effects.OfType<CoordinatorEffect.AskSeat>().Select(static ask => ask.Seat));
        session.WhenJoined(1).WhenJoined(2).WhenSharedBy(1).WhenSharedBy(2);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void Pitfall_32_Exactly_f_plus_one_attempts_under_the_adaptive_adversary()
    {
        // One new liar in each of the first f attempts.
        Party party = Party.Of(3, 5);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned();
        foreach (int liar in (int[])[3, 4])
        {
            session.WhenJoined(0).WhenJoined(1).WhenJoined(liar);
            session.WhenAnswered(liar, session.Signed(liar, new Share(Party.Hash("bad")))).WhenSharedBy(0).WhenSharedBy(1);
        }

        session.WhenJoined(0).WhenJoined(1).WhenJoined(2).WhenSharedBy(2).WhenSharedBy(0).WhenSharedBy(1);
        Assert.Equal(3, Assert.IsType<CoordinatorReply.Completed>(session.Reply).Attempts);
        Assert.Equal(Party.Seats(3, 4), session.Roster.Convicted);
    }

    private CoordinatorSpecification Resting(int seat)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        while (session.Roster.Invited.Contains(Party.Seat(seat)))
        {
            session.WhenRefused(seat, session.Collecting.Id, "nonce_lost");
        }

        return session;
    }
}
