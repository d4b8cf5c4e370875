using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Shell;

/// <summary>S2: a history is used when it is whole, and never otherwise.</summary>
public sealed class RecoveryTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly TestProbe _asker;

    public RecoveryTests()
    {
        _seat = new SeatBench(this);
        _asker = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task S2_A_history_with_a_gap_is_refused_and_read_again_at_the_next_message(long hidden)
    {
        HidingJournal hiding = new(_seat.Journal);
        PluginOver(hiding);
        await _seat.JoinAsync(1);
        await _seat.AskAsync(_seat.Commit(2));
        using SeatBench restarted = _seat.Restarted();
        PluginOver(hiding);
        hiding.Hidden = hidden;

        Refusal refusal = Assert.IsType<SeatAnswer.Refused>(await restarted.AskAsync(restarted.Commit(3))).Refusal;
        Assert.Equal(UnreadableHistoryException.RefusalCode, refusal.Code);
        UnreadableHistoryException listed = Assert.Single(restarted.Quarantine.Entities);
        Assert.Equal((hidden, QuarantineReason.RowMissing), (listed.SequenceNumber, listed.Reason));
        Assert.Equal(3, (await restarted.ManifestsAsync()).Length);

        hiding.Hidden = 0;
        (await restarted.AskAsync(restarted.Commit(3))).Commitment();
        Assert.Empty(restarted.Quarantine.Entities);
    }

    [Fact]
    public async Task S2_A_history_that_ends_before_its_head_is_refused()
    {
        using SeatBench seat = new(this, ForgetfulPlugin);
        (await seat.AskAsync(seat.Open())).IsAcknowledged();
        seat.Region.Newest.Tell(Stop.Instance);
        Assert.Equal(UnreadableHistoryException.RefusalCode, (await seat.AskAsync(seat.Commit(1))).RefusalCode());
        Assert.Equal(
            (1, QuarantineReason.RowMissing), (Assert.Single(seat.Quarantine.Entities).SequenceNumber, Assert.Single(seat.Quarantine.Entities).Reason));
    }

    [Fact]
    public async Task S2_An_entity_in_quarantine_that_is_only_woken_says_nothing_and_leaves()
    {
        await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        _seat.Journal.Stored.Damage(_seat.Id, static _ => null);
        restarted.Region.Ref.Tell(new Wake(restarted.Id), _asker);
        await IsAtRestAsync(restarted.Region.Ref);
        await HasEndedAsync(restarted.Region.Newest);
        Assert.False(_asker.HasMessages);
    }

    [Fact]
    public async Task S1_Recovery_sends_nothing_and_writes_nothing_by_itself()
    {
        await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        int appends = _seat.Journal.Appends;
        restarted.Region.Ref.Tell(new Wake(restarted.Id), _asker);
        await IsAtRestAsync(restarted.Region.Ref);
        Assert.True(await WasToldNothingAsync(_asker, by: restarted.Region.Newest));
        (await restarted.AskAsync(restarted.Open())).IsAcknowledged();
        Assert.Equal(appends, _seat.Journal.Appends);
    }

    [Fact]
    public async Task A_recovery_that_the_journal_never_answers_ends_and_its_messages_may_be_sent_again()
    {
        await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        Gate given = _seat.Journal.SlowHistory = new Gate("the history is given");
        restarted.Region.Ref.Tell(restarted.Message(restarted.Open()), _asker);
        // Akka's own timer of the recovery runs from before the history is asked for.
        await given.WhenReachedAsync();
        Task ended = HasEndedAsync(restarted.Region.Newest);
        Time.Advance(TimeSpan.FromSeconds(60));
        await ended;
        Assert.Equal("entity_failed", Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).FaultCode());
        given.Open();
        (await restarted.AskAsync(restarted.Open())).IsAcknowledged();
    }

    [Fact]
    public async Task D7_What_was_asked_while_the_history_was_read_is_answered_in_order_after_it()
    {
        await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        Gate given = _seat.Journal.SlowHistory = new Gate("the history is given");
        restarted.Region.Ref.Tell(restarted.Message(restarted.Commit(2)), _asker);
        restarted.Region.Ref.Tell(restarted.Message(restarted.Commit(3)), _asker);
        await IsAtRestAsync(restarted.Region.Ref);
        Assert.True(await WasToldNothingAsync(_asker, by: restarted.Region.Newest));
        given.Open();
        Assert.Equal(restarted.Attempt(2).Id, Joined(await _asker.ExpectMsgAsync<FromSeat>()));
        Assert.Equal(restarted.Attempt(3).Id, Joined(await _asker.ExpectMsgAsync<FromSeat>()));
    }

    private static AttemptId Joined(FromSeat answer) =>
        Assert.IsType<SeatReply.Joined>(Assert.IsType<SeatAnswer.Granted>(Assert.Single(answer.Answers)).Reply).Attempt;
}
