using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.RoastCoordinators;

/// <summary>A coordinated session as an actor: its seats, those who wait for it, and its end.</summary>
public sealed class RoastCoordinatorActorTests : ActorsTest
{
    private readonly CoordinatorBench _session;
    private readonly TestProbe _waiter;

    public RoastCoordinatorActorTests()
    {
        _session = new CoordinatorBench(this);
        _waiter = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _session.Dispose();
    }

    [Fact]
    public async Task S1_No_seat_is_asked_before_the_session_is_durable()
    {
        (Gate arrived, Gate release) = _session.Journal.HoldNext();
        Task<CoordinatorAnswer> opened = _session.SignAsync();
        await arrived.WaitAsync();
        Assert.True(await WasToldNothingAsync(_session.Seats, by: _session.Region.Newest));
        release.Open();
        Assert.IsType<CoordinatorReply.Running>(Assert.IsType<CoordinatorAnswer.Granted>(await opened).Reply);
        for (int seat = 0; seat < 3; seat++)
        {
            Assert.Equal(seat, (await _session.Seats.ExpectMsgAsync<ToSeat>()).Seat.Seat.Value);
        }
    }

    [Fact]
    public async Task D4_The_signature_is_told_to_nobody_before_its_marker_is_durable()
    {
        (ToSeat asked, SeatReply share) = await _session.ReachLastShareAsync();
        _session.Wait(_waiter);
        await _session.WhenAsync(new CoordinatorCommand.Show());
        (Gate arrived, Gate release) = _session.Journal.HoldNext();
        await ForgetSeatsAsync();
        _session.Answer(asked, share);
        await arrived.WaitAsync();
        Assert.True(await WasToldNothingAsync(_waiter, by: _session.Region.Newest));
        Assert.False(_session.Seats.HasMessages);

        release.Open();
        FromSession end = await _waiter.ExpectMsgAsync<FromSession>();
        _session.AssertSigned(end.Answer);
        Assert.IsType<CoordinatorState.Completed>(end.End);
        Assert.IsType<SeatRequest.Complete>(Assert.Single((await _session.AskedAsync(2)).Requests));
    }

    [Fact]
    public async Task Who_began_to_wait_while_the_end_was_written_is_told_the_end()
    {
        (ToSeat asked, SeatReply share) = await _session.ReachLastShareAsync();
        Gate head = new("the head is told");
        _session.Journal.SlowHead = head;
        _session.Wait(_waiter);
        await IsAtRestAsync(_session.Region.Ref);
        await IsAtRestAsync(_session.Region.Newest);
        _session.Answer(asked, share);
        await _session.Seats.FishForMessageAsync(static message => message is ToSeat { Requests: [SeatRequest.Complete] });
        _session.Journal.SlowHead = null;
        head.Open();
        _session.AssertSigned((await _waiter.ExpectMsgAsync<FromSession>()).Answer);
    }

    [Theory]
    [InlineData(nameof(Fate.NotWritten), "disk_full")]
    [InlineData(nameof(Fate.UnknownAndNotWritten), "connection_lost")]
    [InlineData(nameof(Fate.UnknownAndWritten), "connection_lost")]
    public async Task D4_A_completion_whose_write_failed_is_told_as_a_fault_and_had_when_the_session_is_woken(string fate, string fault)
    {
        (ToSeat asked, SeatReply share) = await _session.ReachLastShareAsync();
        _session.Wait(_waiter);
        await _session.WhenAsync(new CoordinatorCommand.Show());
        _session.Journal.Next(Enum.Parse<Fate>(fate));
        Task ended = HasEndedAsync(_session.Region.Newest);
        _session.Answer(asked, share);
        Assert.Equal(new CoordinatorAnswer.Failed(fault, IsTransient: true), (await _waiter.ExpectMsgAsync<FromSession>()).Answer);
        await ended;

        Time.Advance(TimeSpan.FromMilliseconds(500));
        if (fate != nameof(Fate.UnknownAndWritten))
        {
            (ToSeat again, SeatReply same) = (await _session.AskedAsync(1), share);
            Assert.IsType<SeatRequest.SignShare>(again.Requests[0]);
            _session.Wait(_waiter);
            _session.Answer(again, same);
            _session.AssertSigned((await _waiter.ExpectMsgAsync<FromSession>()).Answer);
        }

        _session.AssertSigned(await _session.SignAsync());
        Assert.Equal(1, await _session.CompletionsAsync());
    }

    [Fact]
    public async Task D4_Two_racers_over_one_journal_give_one_completion_and_equal_answers()
    {
        (ToSeat asked, SeatReply share) = await _session.ReachLastShareAsync();
        _session.Journal.OvertakeNext(async () =>
        {
            LocalRegion first = _session.Region;
            _session.MoveTo(AnotherNode);
            await _session.WhenAsync(new CoordinatorCommand.Show());
            ToSeat again = await _session.AskedAsync(1);
            Akka.Actor.IActorRef rival = _session.Seats.LastSender;
            Assert.NotEqual(first.Newest, rival);
            _session.Answer(again, share);
            _session.AssertSigned(await _session.SignAsync());
        });
        Task ended = HasEndedAsync(_session.Region.Newest);
        _session.Answer(asked, share);
        await ended;
        _session.AssertSigned(await _session.SignAsync());
        Assert.Equal(1, await _session.CompletionsAsync());
    }

    [Fact]
    public async Task D4_After_a_restart_the_signature_is_read_and_never_made_again()
    {
        (ToSeat asked, SeatReply share) = await _session.ReachLastShareAsync();
        _session.Answer(asked, share);
        CoordinatorAnswer answer = await _session.SignAsync();
        _session.AssertSigned(answer);
        int appends = _session.Journal.Appends;
        await ForgetSeatsAsync();

        _session.MoveTo(AnotherNode);
        Assert.Equal(answer, await _session.SignAsync());
        Assert.Equal(answer, await _session.WhenAsync(new CoordinatorCommand.Abort(AbortReason.Requested)));
        CoordinatorAnswer other = await _session.WhenAsync(new CoordinatorCommand.Sign(_session.Group.Request(2)));
        Assert.Equal("session_conflict", Assert.IsType<CoordinatorAnswer.Refused>(other).Refusal.Code);
        Assert.Equal(appends, _session.Journal.Appends);
        Assert.False(_session.Seats.HasMessages);
    }

    [Fact]
    public async Task D7_A_session_that_is_woken_asks_again_for_what_is_owed()
    {
        await _session.GivenAsync(
            new RoastEvent.SigningRequested(_session.Request, 2, 3), new RoastEvent.AttemptProposed(_session.Attempt(1), AdvanceReason.First));
        _session.Region.Ref.Tell(new Wake(EntityAddress.Of(_session.Session)), Akka.Actor.ActorRefs.NoSender);
        for (int seat = 0; seat < 3; seat++)
        {
            Assert.Equal(
                [new SeatRequest.Open(_session.Request), new SeatRequest.Commit(_session.Attempt(1))],
                (await _session.Seats.ExpectMsgAsync<ToSeat>()).Requests);
        }
    }

    [Fact]
    public async Task An_answer_to_an_ask_of_an_earlier_activation_changes_nothing()
    {
        await _session.SignAsync();
        ToSeat asked = await _session.AskedAsync(0);
        await _session.SignAsync();
        int appends = _session.Journal.Appends;
        _session.Seats.Send(
            _session.Region.Newest, new FromSeat(asked.Seat, [new SeatAnswer.Refused(null, Refusal.Terminal("session_aborted", "It ended."))], asked.Ask + 99));
        await _session.WhenAsync(new CoordinatorCommand.Show());
        Assert.Equal(appends, _session.Journal.Appends);
    }

    [Fact]
    public async Task Who_does_not_wait_is_answered_at_once_and_who_waits_at_the_end()
    {
        _session.Wait(_waiter);
        Assert.IsType<CoordinatorReply.Running>(Assert.IsType<CoordinatorAnswer.Granted>(await _session.SignAsync()).Reply);
        Assert.True(await WasToldNothingAsync(_waiter, by: _session.Region.Newest));
        await _session.WhenAsync(new CoordinatorCommand.Abort(AbortReason.Requested));
        FromSession end = await _waiter.ExpectMsgAsync<FromSession>();
        Assert.IsType<CoordinatorReply.Failed>(Assert.IsType<CoordinatorAnswer.Granted>(end.Answer).Reply);
        Assert.IsType<CoordinatorState.Failed>(end.End);
    }

    [Fact]
    public async Task D8_Who_waits_learns_that_a_session_moves()
    {
        _session.Wait(_waiter);
        await _session.WhenAsync(new CoordinatorCommand.Show());
        _session.Region.Newest.Tell(Stop.Instance, Akka.Actor.ActorRefs.NoSender);
        Assert.Equal(new CoordinatorAnswer.Failed("entity_failed", IsTransient: true), (await _waiter.ExpectMsgAsync<FromSession>()).Answer);
    }

    [Fact]
    public async Task N10_A_session_that_stays_open_too_long_is_ended_and_its_seats_and_waiters_are_told()
    {
        _session.Wait(_waiter);
        // Answered once the session is durable, and so is what waits for its end.
        await _session.SignAsync();
        await IsAtRestAsync(_session.Region.Newest);
        await ForgetSeatsAsync();
        Time.Advance(CoordinatorBench.Settings.SessionExpiry);
        Assert.IsType<CoordinatorReply.Failed>(Assert.IsType<CoordinatorAnswer.Granted>((await _waiter.ExpectMsgAsync<FromSession>()).Answer).Reply);
        await _session.Seats.FishForMessageAsync(static message => message is ToSeat { Requests: [SeatRequest.Abort { Reason: AbortReason.Expired }] });
    }

    [Fact]
    public async Task A_session_stays_in_memory_until_its_seats_know_the_end()
    {
        await _session.SignAsync();
        await ForgetSeatsAsync();
        Task ended = HasEndedAsync(_session.Region.Newest);
        await _session.WhenAsync(new CoordinatorCommand.Abort(AbortReason.Requested));
        for (int seat = 0; seat < 3; seat++)
        {
            ToSeat told = await _session.Seats.ExpectMsgAsync<ToSeat>();
            Assert.IsType<SeatRequest.Abort>(Assert.Single(told.Requests));
            await IsAtRestAsync(_session.Region.Ref);
            Assert.Empty(_session.Region.Passivated);
            _session.Answer(told, new SeatReply.Acknowledged());
        }

        await ended;
        Assert.Single(_session.Region.Passivated);
    }

    private async Task ForgetSeatsAsync()
    {
        await IsAtRestAsync(_session.Region.Newest);
        while (_session.Seats.HasMessages)
        {
            await _session.Seats.ExpectMsgAsync<ToSeat>();
        }
    }
}
