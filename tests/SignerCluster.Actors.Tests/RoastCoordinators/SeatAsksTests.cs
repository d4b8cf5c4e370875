using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.RoastCoordinators;

/// <summary>How seats are asked: again when they are silent or cannot answer, and never twice for one thing at once.</summary>
public sealed class SeatAsksTests : ActorsTest
{
    private static readonly SeatId _seat = new(1);
    private static readonly SeatAskSettings _settings = new();
    private readonly TestGroup _group = new(2, 3);
    private readonly TestProbe _seats;
    private readonly IActorRef _host;

    public SeatAsksTests()
    {
        _seats = CreateTestProbe();
        _host = Sys.ActorOf(AskHost.Props(Session, _settings, _seats));
    }

    private CoordinatorAddress Session => new(_group.Id, SessionId.Parse("s1"));

    private SeatRequest Open => new SeatRequest.Open(_group.Request(1));

    protected override void AfterAll()
    {
        base.AfterAll();
        _group.Dispose();
    }

    [Fact]
    public async Task A_seat_that_is_silent_is_asked_the_same_again_after_its_time_to_answer_and_for_as_long_as_the_session_runs()
    {
        await DoAsync(asks => asks.Ask(_seat, [Open], TimeSpan.Zero));
        ToSeat first = await _seats.ExpectMsgAsync<ToSeat>();
        Assert.Equal((EntityAddress.Of(Session.At(_seat)), Session.At(_seat), Open), (first.To, first.Seat, Assert.Single(first.Requests)));
        for (int silence = 0; silence < 10; silence++)
        {
            await NothingIsSentWithinAsync(_settings.AnswerTimeout - TimeSpan.FromMilliseconds(1));
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(first, await _seats.ExpectMsgAsync<ToSeat>());
            await DoAsync(static _ => { });
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task K4_A_seat_that_cannot_answer_is_asked_again_after_pauses_that_double_up_to_two_seconds(bool isInQuarantine)
    {
        SeatAnswer cannot = isInQuarantine
            ? new SeatAnswer.Refused(null, UnreadableHistoryException.Missing(EntityAddress.Of(Session.At(_seat)), 1).ToRefusal())
            : new SeatAnswer.Failed("disk_full", IsTransient: true);
        await DoAsync(asks => asks.Ask(_seat, [Open], TimeSpan.Zero));
        foreach (int pause in (int[])[20, 40, 80, 160, 320, 640, 1280, 2000, 2000])
        {
            ToSeat asked = await _seats.ExpectMsgAsync<ToSeat>();
            Assert.False(await TakeAsync(asked.Ask, cannot));
            await NothingIsSentWithinAsync(TimeSpan.FromMilliseconds(pause - 1));
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.True(await TakeAsync((await _seats.ExpectMsgAsync<ToSeat>()).Ask, new SeatAnswer.Granted(new SeatReply.Acknowledged())));
        Assert.True(await IsEmptyAsync());
    }

    [Fact]
    public async Task An_answer_to_an_ask_that_was_replaced_is_ignored_and_so_is_one_that_comes_twice()
    {
        SeatAnswer granted = new SeatAnswer.Granted(new SeatReply.Acknowledged());
        await DoAsync(asks => asks.Ask(_seat, [Open], TimeSpan.Zero));
        ToSeat older = await _seats.ExpectMsgAsync<ToSeat>();
        await DoAsync(asks => asks.Ask(_seat, [Open, Open], TimeSpan.Zero));
        ToSeat newer = await _seats.ExpectMsgAsync<ToSeat>();
        Assert.False(await TakeAsync(older.Ask, granted));
        Assert.False(await TakeAsync(older.Ask, new SeatAnswer.Failed("disk_full", IsTransient: true)));
        Assert.True(await TakeAsync(newer.Ask, granted, granted));
        Assert.False(await TakeAsync(newer.Ask, granted, granted));
        await NothingIsSentWithinAsync(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task An_ask_that_was_answered_in_part_is_answered_and_one_that_was_answered_with_nothing_is_not()
    {
        await DoAsync(asks => asks.Ask(_seat, [Open, Open], TimeSpan.Zero));
        ToSeat asked = await _seats.ExpectMsgAsync<ToSeat>();
        Assert.False(await TakeAsync(asked.Ask));
        Time.Advance(_settings.FirstPause);
        Assert.True(await TakeAsync(
            (await _seats.ExpectMsgAsync<ToSeat>()).Ask,
            new SeatAnswer.Granted(new SeatReply.Acknowledged()),
            new SeatAnswer.Failed("disk_full", IsTransient: true)));
    }

    [Fact]
    public async Task A_spare_ask_is_held_back_for_its_pause_and_never_made_when_a_newer_one_comes_before()
    {
        await DoAsync(asks => asks.Ask(_seat, [Open], TimeSpan.FromSeconds(3)));
        await NothingIsSentWithinAsync(TimeSpan.FromMilliseconds(2999));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await _seats.ExpectMsgAsync<ToSeat>()).Ask);

        await DoAsync(asks => asks.Ask(_seat, [Open], TimeSpan.FromSeconds(3)));
        await DoAsync(asks => asks.Tell(_seat, new SeatRequest.Abort(AbortReason.Requested)));
        Assert.IsType<SeatRequest.Abort>(Assert.Single((await _seats.ExpectMsgAsync<ToSeat>()).Requests));
        await NothingIsSentWithinAsync(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_last_word_is_said_five_times_to_a_seat_that_does_not_hear_and_then_given_up()
    {
        await DoAsync(asks => asks.Tell(_seat, new SeatRequest.Abort(AbortReason.Requested)));
        for (int said = 1; said <= 5; said++)
        {
            Assert.IsType<SeatRequest.Abort>(Assert.Single((await _seats.ExpectMsgAsync<ToSeat>()).Requests));
            Assert.False(await IsEmptyAsync());
            Time.Advance(_settings.AnswerTimeout);
        }

        Assert.True(await IsEmptyAsync());
        await NothingIsSentWithinAsync(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_last_word_that_was_heard_is_no_answer_to_the_session_and_not_said_again()
    {
        await DoAsync(asks => asks.Tell(_seat, new SeatRequest.Abort(AbortReason.Requested)));
        Assert.False(await TakeAsync((await _seats.ExpectMsgAsync<ToSeat>()).Ask, new SeatAnswer.Granted(new SeatReply.Acknowledged())));
        Assert.True(await IsEmptyAsync());
        await NothingIsSentWithinAsync(TimeSpan.FromHours(1));
    }

    private async Task NothingIsSentWithinAsync(TimeSpan time)
    {
        await DoAsync(static _ => { });
        Time.Advance(time);
        await DoAsync(static _ => { });
        Assert.False(_seats.HasMessages);
    }

    private Task<bool> TakeAsync(long ask, params IReadOnlyList<SeatAnswer> answers) =>
        AskAsync(asks => asks.TryTake(new FromSeat(Session.At(_seat), answers, ask), out _));

    private Task<bool> IsEmptyAsync() => AskAsync(static asks => asks.IsEmpty);

    private Task DoAsync(Action<SeatAsks> act) => AskAsync(asks =>
    {
        act(asks);
        return true;
    });

    private async Task<bool> AskAsync(Func<SeatAsks, bool> act) =>
        (bool)await _host.Ask<object>((Func<SeatAsks, object>)(asks => act(asks)), RemainingOrDefault);
}
