using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Runtime.Coordination;

namespace SignerCluster.Runtime.Tests.Sessions;

public sealed class SeatMessengerTests : IDisposable
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _spare = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly SeatAnswer _acknowledged = new SeatAnswer.Granted(new SeatReply.Acknowledged());
    private static readonly SeatAnswer _failed = new SeatAnswer.Failed("disk_full", IsTransient: true);
    private static readonly CoordinatorAnswer _taken = new CoordinatorAnswer.Granted(new CoordinatorReply.Running(1));

    private readonly TestGroup _group = new(2, 3);
    private readonly WatchedTime _time = new();
    private readonly ScriptedEngine _engine = new();
    private readonly Conclusions _conclusions = new();
    private readonly SeatMessenger _messenger;

    public SeatMessengerTests() =>
        _messenger = new SeatMessenger(_engine, _engine, _conclusions, new SeatMessengerSettings(), _time, NullLogger<SeatMessenger>.Instance);

    private CoordinatorAddress Session => new(_group.Id, SessionId.Parse("s1"));

    private SeatAddress Seat => Session.At(new SeatId(2));

    public void Dispose()
    {
        _messenger.Dispose();
        _group.Dispose();
    }

    [Fact]
    public async Task A_seat_that_is_not_reached_is_asked_again_after_pauses_that_grow_to_two_seconds()
    {
        Run(Ask());
        TimeSpan pause = _first;
        for (int tries = 0; tries < 12; tries++)
        {
            ScriptedEngine.Ask ask = await _engine.NextAsync();
            Assert.Equal(EntityAddress.Of(Seat), ask.To);
            await ArmedAsync(_patience);
            ask.Lose();
            await ArmedAsync(pause);
            _time.Advance(pause - TimeSpan.FromTicks(1));
            Assert.Equal(tries + 1, _engine.Count);
            _time.Advance(TimeSpan.FromTicks(1));
            pause = 2 * pause < TimeSpan.FromSeconds(2) ? 2 * pause : TimeSpan.FromSeconds(2);
        }

        (await _engine.NextAsync()).Answer(_acknowledged);
        ScriptedEngine.Ask report = await _engine.NextAsync();
        Assert.Equal(EntityAddress.Of(Session), report.To);
        Assert.Equal((Seat.Seat, 7), (report.Report.Seat, report.Report.AskedAt));
        Assert.Equal([_acknowledged], report.Report.Answers);
        report.Answer(_taken);
        await _time.UntilNoTimerAsync();
    }

    [Fact]
    public async Task A_seat_that_keeps_its_answer_for_half_a_minute_is_asked_again()
    {
        Run(Ask());
        await _engine.NextAsync();
        await ArmedAsync(_patience);
        _time.Advance(_patience);
        await ArmedAsync(_first);
        _time.Advance(_first);
        (await _engine.NextAsync()).Answer(_acknowledged);
        (await _engine.NextAsync()).Answer(_taken);
        await _time.UntilNoTimerAsync();
    }

    [Fact]
    public async Task Answers_that_failed_in_part_are_reported_and_those_that_all_failed_are_asked_for_again()
    {
        Run(Ask());
        (await _engine.NextAsync()).Answer(_failed, _failed);
        await ArmedAsync(_patience, _first);
        _time.Advance(_first);
        (await _engine.NextAsync()).Answer(_acknowledged, _failed);
        Assert.Equal([_acknowledged, _failed], (await _engine.NextAsync()).Report.Answers);
    }

    [Fact]
    public async Task What_is_not_an_answer_counts_as_none()
    {
        Run(Ask());
        (await _engine.NextAsync()).Reply.SetResult("nonsense"u8.ToArray());
        await ArmedAsync(_patience, _first);
        _time.Advance(_first);
        (await _engine.NextAsync()).Answer();
        await ArmedAsync(_patience, 2 * _first);
        _time.Advance(2 * _first);
        (await _engine.NextAsync()).Answer(_acknowledged);
        Assert.Equal(EntityAddress.Of(Session), (await _engine.NextAsync()).To);
    }

    [Fact]
    public async Task A_report_is_repeated_until_the_session_could_take_it()
    {
        Run(Ask());
        (await _engine.NextAsync()).Answer(_acknowledged);
        (await _engine.NextAsync()).Lose();
        await ArmedAsync(_patience, _first);
        _time.Advance(_first);
        (await _engine.NextAsync()).Answer(new CoordinatorAnswer.Failed("disk_full", IsTransient: true));
        await ArmedAsync(2 * _first);
        _time.Advance(2 * _first);
        ScriptedEngine.Ask report = await _engine.NextAsync();
        Assert.Equal([_acknowledged], report.Report.Answers);
        report.Answer(_taken);
        await _time.UntilNoTimerAsync();
        Assert.Equal(4, _engine.Count);
    }

    [Fact]
    public async Task K4_A_report_to_a_session_in_quarantine_is_repeated_until_its_row_is_restored()
    {
        Run(Ask());
        (await _engine.NextAsync()).Answer(_acknowledged);
        (await _engine.NextAsync())
            .Answer(new CoordinatorAnswer.Refused(Refusal.Recoverable(UnreadableHistoryException.RefusalCode, "A row cannot be trusted.")));
        await ArmedAsync(_patience, _first);
        _time.Advance(_first);
        ScriptedEngine.Ask again = await _engine.NextAsync();
        Assert.Equal([_acknowledged], again.Report.Answers);
        again.Answer(_taken);
        await _time.UntilNoTimerAsync();
    }

    [Fact]
    public async Task A_newer_request_to_a_seat_replaces_the_older_one()
    {
        Run(Ask());
        (await _engine.NextAsync()).Lose();
        await ArmedAsync(_patience, _first);
        Run(Ask(new SeatRequest.Abort(AbortReason.Requested)));
        ScriptedEngine.Ask newer = await _engine.NextAsync();
        Assert.IsType<SeatRequest.Abort>(Assert.Single(newer.Requests));
        newer.Lose();
        await ArmedAsync(_patience, _first);
        _time.Advance(TimeSpan.FromSeconds(10));
        ScriptedEngine.Ask again = await _engine.NextAsync();
        Assert.IsType<SeatRequest.Abort>(Assert.Single(again.Requests));
        Assert.Equal(3, _engine.Count);
    }

    [Fact]
    public async Task A_spare_request_is_held_back_for_its_pause_and_then_made_like_any_other()
    {
        using SeatMessenger messenger = Pausing();
        messenger.Run([Ask() with { IsSpare = true }], 7);
        await ArmedAsync(_spare);
        _time.Advance(_spare - TimeSpan.FromTicks(1));
        Assert.Equal(0, _engine.Count);
        _time.Advance(TimeSpan.FromTicks(1));
        (await _engine.NextAsync()).Lose();
        await ArmedAsync(_patience, _first);
        _time.Advance(_first);
        (await _engine.NextAsync()).Answer(_acknowledged);
        Assert.Equal([_acknowledged], (await _engine.NextAsync()).Report.Answers);
    }

    [Fact]
    public async Task A_spare_request_is_never_made_when_the_session_ends_or_a_newer_one_comes_before()
    {
        using SeatMessenger messenger = Pausing();
        messenger.Run([Ask() with { IsSpare = true }], 7);
        await ArmedAsync(_spare);
        messenger.Run([Ask(new SeatRequest.Abort(AbortReason.Requested))], 7);
        Assert.Single((await _engine.NextAsync()).Requests);
        messenger.Run([Ask() with { IsSpare = true }], 7);
        await ArmedAsync(_patience, _spare);
        messenger.Run([new CoordinatorEffect.TellSeat(Seat, new SeatRequest.Abort(AbortReason.Expired))], 7);
        (await _engine.NextAsync()).Answer(_acknowledged);
        await _time.UntilNoTimerAsync();
        Assert.Equal(2, _engine.Count);
    }

    [Fact]
    public async Task A4_Without_a_pause_a_spare_request_is_made_at_once_and_no_timer_is_needed()
    {
        Run(Ask() with { IsSpare = true });
        (await _engine.NextAsync()).Answer(_acknowledged);
        (await _engine.NextAsync()).Answer(_taken);
        await _time.UntilNoTimerAsync();
    }

    [Fact]
    public async Task After_the_end_of_a_session_its_seat_is_told_and_never_asked_again()
    {
        Run(Ask());
        (await _engine.NextAsync()).Lose();
        await ArmedAsync(_patience, _first);
        Run(new CoordinatorEffect.TellSeat(Seat, new SeatRequest.Abort(AbortReason.Requested)));
        TimeSpan pause = _first;
        for (int tries = 1; tries <= 5; tries++)
        {
            ScriptedEngine.Ask told = await _engine.NextAsync();
            Assert.IsType<SeatRequest.Abort>(Assert.Single(told.Requests));
            told.Lose();
            await ArmedAsync(_patience, pause);
            _time.Advance(pause);
            pause *= 4;
        }

        await _time.UntilNoTimerAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(6, _engine.Count);
    }

    [Fact]
    public async Task A_stopped_messenger_leaves_no_timer_and_asks_nobody()
    {
        Run(Ask());
        (await _engine.NextAsync()).Lose();
        await ArmedAsync(_patience, _first);
        _messenger.Dispose();
        await _time.UntilNoTimerAsync();
        Assert.Equal(1, _engine.Count);
    }

    [Fact]
    public async Task The_end_of_a_session_wakes_everyone_who_waits_for_it_and_nobody_else()
    {
        CoordinatorState.Failed end = Failed(Refusal.Terminal("session_aborted", "It ended."));
        using Conclusions.Waiter first = _conclusions.Await(Session);
        using Conclusions.Waiter second = _conclusions.Await(Session);
        using Conclusions.Waiter gone = _conclusions.Await(Session);
        using Conclusions.Waiter other = _conclusions.Await(Session with { Session = SessionId.Parse("s2") });
        gone.Dispose();
        Run(new CoordinatorEffect.Announce(end));

        Assert.Same(end, await first.WithinAsync(TimeSpan.FromMinutes(1), _time, CancellationToken.None));
        Assert.Same(end, await second.WithinAsync(TimeSpan.FromMinutes(1), _time, CancellationToken.None));
        await Assert.ThrowsAsync<TimeoutException>(() => gone.WithinAsync(TimeSpan.Zero, _time, CancellationToken.None));
        await Assert.ThrowsAsync<TimeoutException>(() => other.WithinAsync(TimeSpan.Zero, _time, CancellationToken.None));
    }

    private CoordinatorState.Failed Failed(Refusal reason) => (CoordinatorState.Failed)new RoastEvent[]
    {
        new RoastEvent.SigningRequested(_group.Request(1), 2, 3),
        new RoastEvent.SessionFailed(reason),
    }.Aggregate(RoastDecider.Initial(Session), RoastDecider.Decider.Evolve);

    private CoordinatorEffect.AskSeat Ask(params IReadOnlyList<SeatRequest> requests) =>
        new(Seat, requests.Count > 0 ? requests : [new SeatRequest.Open(_group.Request(1)), new SeatRequest.Abort(AbortReason.Expired)]);

    private async Task ArmedAsync(params IReadOnlyList<TimeSpan> expected)
    {
        foreach (TimeSpan due in expected)
        {
            Assert.Equal(due, await _time.NextTimerAsync());
        }
    }

    private SeatMessenger Pausing() =>
        new(_engine, _engine, _conclusions, new SeatMessengerSettings { SparePause = _spare }, _time, NullLogger<SeatMessenger>.Instance);

    private void Run(params IReadOnlyList<CoordinatorEffect> effects) => _messenger.Run(effects, 7);
}
