using System.Globalization;
using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Guardians;

/// <summary>A group's guardian as an actor: one write for what waits together, and a chain that reaches every seat, whatever was lost on the way.</summary>
public class GroupGuardianActorTests : ActorsTest
{
    private static readonly GroupId _group = new(Hash(200));
    private static readonly GuardianAddress _coordinator = new(_group);
    private static readonly GuardianAddress _seat = new(_group, new SeatId(1));
    private static readonly GuardianRules _rules = new(new LimiterWindow("hour", 1_000, 1), 1800, 300, 1000);
    private readonly FaultyJournal _journal = new();
    private readonly ManualTime _time = new();
    private readonly OwnClock _clock;
    private TestProbe? _seats;

    public GroupGuardianActorTests() => _clock = new OwnClock(_time);

    [Fact]
    public async Task Commands_that_wait_at_one_moment_are_decided_in_their_order_and_become_one_write()
    {
        LocalRegion guardian = StartCoordinator();
        await AskAsync(guardian, _coordinator, new GuardianCommand.Configure(_rules));
        await SeatsAnswerAsync(guardian);
        TestProbe asker = CreateTestProbe();
        for (int number = 0; number < 20; number++)
        {
            guardian.Newest.Tell(new ToGuardian(_coordinator, Withdraw(number)), asker);
        }

        for (int number = 0; number < 20; number++)
        {
            Assert.Equal((ulong)number, Accepted(await asker.ExpectMsgAsync<FromGuardian>()).Sequence);
        }

        Assert.True(_journal.Appends < 20, $"{_journal.Appends} writes for 21 commands.");
    }

    [Fact]
    public async Task A_seat_that_knows_nothing_is_told_the_whole_chain_after_a_restart()
    {
        LocalRegion before = StartCoordinator();
        await AskAsync(before, _coordinator, new GuardianCommand.Configure(_rules));
        await AskAsync(before, _coordinator, new GuardianCommand.Stop("not part of the chain"));
        await AskAsync(before, _coordinator, new GuardianCommand.Resume("not part of the chain"));
        await SeatsAnswerAsync(before);
        await AskAsync(before, _coordinator, Withdraw(1));
        Sys.Stop(before.Ref);

        LocalRegion after = StartCoordinator(AnotherNode);
        after.Ref.Tell(new Wake(EntityAddress.Of(_coordinator)), ActorRefs.NoSender);
        ToGuardian question = await ToldAsync(1, static fold => fold.Records.Count == 0);
        after.Newest.Tell(Folded(question, next: 0));
        ToGuardian told = await ToldAsync(1, static fold => fold.Records.Count > 0);
        Assert.Equal([0, 1], ((GuardianCommand.Fold)told.Command).Records.Select(static record => (int)record.Position));
        after.Newest.Tell(Folded(told, next: 2));
        FromGuardian shown = await AskAsync(after, _coordinator, new GuardianCommand.Show());
        Assert.Equal([-1, 2, -1], shown.Seats!);
    }

    [Fact]
    public async Task A_seat_that_gives_no_answer_is_told_again()
    {
        LocalRegion guardian = StartCoordinator();
        await AskAsync(guardian, _coordinator, new GuardianCommand.Configure(_rules));
        await ToldAsync(1, static fold => fold.Records.Count == 0);
        await IsAtRestAsync(guardian.Newest);
        Time.Advance(new GuardianSettings().AnswerTimeout);
        await ToldAsync(1, static fold => fold.Records.Count == 0);
    }

    [Fact]
    public async Task A_session_that_comes_before_the_record_of_its_withdrawal_waits_for_it()
    {
        IReadOnlyList<GuardianRecord> chain = MakeChain(2);
        LocalRegion seat = StartSeat();
        await AskAsync(seat, _seat, new GuardianCommand.Fold([chain[0]]));
        TestProbe session = CreateTestProbe();
        seat.Newest.Tell(new ToGuardian(_seat, new GuardianCommand.Admit(Id(1)), 7), session);
        await IsAtRestAsync(seat.Newest);
        Assert.False(session.HasMessages);
        await AskAsync(seat, _seat, new GuardianCommand.Fold(chain));
        FromGuardian answer = await session.ExpectMsgAsync<FromGuardian>();
        Assert.Equal((7L, Id(1)), (answer.Ask, Accepted(answer).Id));
    }

    [Fact]
    public async Task A_session_that_comes_together_with_the_record_of_its_withdrawal_does_not_wait_for_another_one()
    {
        IReadOnlyList<GuardianRecord> chain = MakeChain(2);
        LocalRegion seat = StartSeat();
        await AskAsync(seat, _seat, new GuardianCommand.Fold([chain[0]]));
        TestProbe session = CreateTestProbe();
        seat.Newest.Tell(new ToGuardian(_seat, new GuardianCommand.Admit(Id(1)), 7), session);
        seat.Newest.Tell(new ToGuardian(_seat, new GuardianCommand.Fold(chain), 8), TestActor);
        FromGuardian answer = await session.ExpectMsgAsync<FromGuardian>();
        Assert.Equal((7L, Id(1)), (answer.Ask, Accepted(answer).Id));
    }

    [Fact]
    public async Task A_session_whose_record_never_comes_is_told_so_after_a_while_and_may_ask_again()
    {
        IReadOnlyList<GuardianRecord> chain = MakeChain(0);
        LocalRegion seat = StartSeat();
        await AskAsync(seat, _seat, new GuardianCommand.Fold(chain));
        TestProbe session = CreateTestProbe();
        seat.Newest.Tell(new ToGuardian(_seat, new GuardianCommand.Admit(Id(1)), 7), session);
        await PatienceEndsAsync(seat, session);
        FromGuardian answer = await session.ExpectMsgAsync<FromGuardian>();
        Assert.Equal(new GuardianAnswer.Failed("withdrawal_required", IsTransient: true), answer.Answer);
    }

    [Fact]
    public async Task G8_A_guardian_whose_history_cannot_be_read_is_never_taken_for_none()
    {
        LocalRegion readable = StartCoordinator();
        await AskAsync(readable, _coordinator, new GuardianCommand.Configure(_rules));
        await SeatsAnswerAsync(readable);
        await AskAsync(readable, _coordinator, Withdraw(1));
        LocalRegion guardian = StartCoordinator(AnotherNode, new HidingJournal(_journal) { Hidden = 1 });
        FromGuardian answer = await AskAsync(guardian, _coordinator, new GuardianCommand.Admit(Id(1)));
        Assert.Equal("entity_quarantined", Assert.IsType<GuardianAnswer.Refused>(answer.Answer).Refusal.Code);
    }

    [Fact]
    public async Task D8_An_activation_that_has_not_seen_the_first_rules_says_for_a_moment_at_most_that_there_is_no_guardian()
    {
        LocalRegion stale = StartCoordinator();
        Assert.IsType<GuardianReply.Unguarded>(Granted(await AskAsync(stale, _coordinator, new GuardianCommand.Admit(Id(1)))));
        await AskAsync(StartCoordinator(AnotherNode), _coordinator, new GuardianCommand.Configure(_rules));
        _time.Advance(GuardianAsked.ProofHolds);
        FromGuardian answer = await AskAsync(stale, _coordinator, new GuardianCommand.Admit(Id(1)));
        Assert.IsType<GuardianAnswer.Failed>(answer.Answer);
        await HasEndedAsync(stale.Newest);
        Assert.Equal("withdrawal_required", Assert.IsType<GuardianAnswer.Refused>(
            (await AskAsync(stale, _coordinator, new GuardianCommand.Admit(Id(1)))).Answer).Refusal.Code);
    }

    [Fact]
    public async Task A_coordinator_whose_clock_runs_ahead_records_no_time_that_the_seats_would_refuse()
    {
        LocalRegion guardian = StartCoordinator();
        await AskAsync(guardian, _coordinator, new GuardianCommand.Configure(_rules));
        _clock.Ahead = TimeSpan.FromHours(1);
        await SeatsAnswerAsync(guardian, Clock - 2, Clock + 5);
        Assert.Equal(Clock, Accepted(await AskAsync(guardian, _coordinator, Withdraw(1))).At);

        // Two of three sign, so the second latest clock counts, and it moves on.
        await SeatsAnswerAsync(guardian, Clock + 3, Clock + 5);
        await AskAsync(guardian, _coordinator, new GuardianCommand.Show());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Clock + 4, Accepted(await AskAsync(guardian, _coordinator, Withdraw(2))).At);
    }

    [Fact]
    public async Task A_coordinator_whose_machine_slept_or_whose_clock_was_set_asks_the_seats_what_time_it_is()
    {
        LocalRegion guardian = StartCoordinator();
        await AskAsync(guardian, _coordinator, new GuardianCommand.Configure(_rules));
        await SeatsAnswerAsync(guardian);
        await AskAsync(guardian, _coordinator, new GuardianCommand.Show());
        _clock.Ahead = TimeSpan.FromHours(1);
        TestProbe asker = CreateTestProbe();
        guardian.Newest.Tell(new ToGuardian(_coordinator, Withdraw(1)), asker);
        for (int seat = 0; seat < 2; seat++)
        {
            guardian.Newest.Tell(Folded(await ToldAsync(seat, static fold => fold.Records.Count == 0), next: 1, Clock + 3_600));
        }

        Assert.Equal(Clock + 3_600, Accepted(await asker.ExpectMsgAsync<FromGuardian>()).At);
    }

    [Fact]
    public async Task Nothing_is_recorded_before_the_seats_have_told_their_time_but_a_freeze_and_what_is_known_is_answered()
    {
        LocalRegion before = StartCoordinator();
        await AskAsync(before, _coordinator, new GuardianCommand.Configure(_rules));
        await SeatsAnswerAsync(before);
        GuardianRecord known = Accepted(await AskAsync(before, _coordinator, Withdraw(1)));
        Sys.Stop(before.Ref);

        _clock.Ahead = TimeSpan.FromHours(1);
        LocalRegion after = StartCoordinator(AnotherNode);
        Assert.Equal(known, Accepted(await AskAsync(after, _coordinator, Withdraw(1))));
        TestProbe asker = CreateTestProbe();
        after.Newest.Tell(new ToGuardian(_coordinator, Withdraw(2)), asker);
        await PatienceEndsAsync(after, asker);
        Assert.Equal(new GuardianAnswer.Failed("guardian_time_unshared", IsTransient: true), (await asker.ExpectMsgAsync<FromGuardian>()).Answer);

        Granted(await AskAsync(after, _coordinator, new GuardianCommand.Freeze("the clock is off")));
        await SeatsAnswerAsync(after);
        Granted(await AskAsync(after, _coordinator, new GuardianCommand.Unfreeze("the seats know the time")));
        Assert.Equal(Clock + 1, Accepted(await AskAsync(after, _coordinator, Withdraw(2))).At);
    }

    [Fact]
    public async Task What_waits_for_the_time_of_the_seats_goes_on_as_soon_as_enough_of_them_have_told_it()
    {
        LocalRegion guardian = StartCoordinator();
        await AskAsync(guardian, _coordinator, new GuardianCommand.Configure(_rules));
        TestProbe asker = CreateTestProbe();
        guardian.Newest.Tell(new ToGuardian(_coordinator, Withdraw(1)), asker);
        await IsAtRestAsync(guardian.Newest);
        await IsAtRestAsync(guardian.Newest);
        Assert.False(asker.HasMessages);
        await SeatsAnswerAsync(guardian);
        Assert.Equal(Id(1), Accepted(await asker.ExpectMsgAsync<FromGuardian>()).Id);
    }

    private static GuardianReply Granted(FromGuardian answer) => Assert.IsType<GuardianAnswer.Granted>(answer.Answer).Reply;

    private static GuardianRecord.WithdrawalAccepted Accepted(FromGuardian answer) => Assert.IsType<GuardianReply.Admitted>(Granted(answer)).Withdrawal;

    private static SessionId Id(int number) => SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"w{number}"));

    private static Bytes32 Hash(int number) => FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)number, 32)]);

    private static GuardianCommand Withdraw(int number) => new GuardianCommand.Withdraw(Id(number), Hash(number), 10);

    private static FromGuardian Folded(ToGuardian told, long next, ulong? now = null) =>
        new(new GuardianAnswer.Granted(new GuardianReply.Folded(next, default, null, now)), told.Ask);

    /// <summary>Time passes until the asker is told something: what asks the journal first begins to wait only after its answer.</summary>
    private async Task PatienceEndsAsync(LocalRegion guardian, TestProbe asker)
    {
        while (!asker.HasMessages)
        {
            await IsAtRestAsync(guardian.Newest);
            Time.Advance(new GuardianSettings().RecordPatience);
        }
    }

    /// <summary>What time it really is.</summary>
    private ulong Clock => (ulong)_time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Two of the three seats fold all that the guardian has for them.</summary>
    private async Task SeatsAnswerAsync(LocalRegion guardian, params ulong[] clocks)
    {
        for (int behind = 2; behind > 0;)
        {
            ToGuardian told = await _seats!.ExpectMsgAsync<ToGuardian>();
            IReadOnlyList<GuardianRecord> records = ((GuardianCommand.Fold)told.Command).Records;
            if (told.Guardian.Seat!.Value.Value is var seat and < 2)
            {
                guardian.Newest.Tell(Folded(told, records.Count == 0 ? 0 : records[^1].Position + 1, clocks.Length == 0 ? Clock : clocks[seat]));
                behind -= records.Count == 0 ? 0 : 1;
            }
        }
    }

    private Task<FromGuardian> AskAsync(LocalRegion guardian, GuardianAddress address, GuardianCommand command) =>
        guardian.Ref.Ask<FromGuardian>(new ToGuardian(address, command), RemainingOrDefault);

    /// <summary>The rules and so many withdrawals.</summary>
    private static IReadOnlyList<GuardianRecord> MakeChain(int withdrawals)
    {
        GuardianState state = GuardianDecider.Initial(_group);
        List<GuardianRecord> chain = [];
        GuardianCommand[] commands = [new GuardianCommand.Configure(_rules), .. Enumerable.Range(0, withdrawals).Select(Withdraw)];
        foreach (GuardianCommand command in commands)
        {
            ulong now = (ulong)new ManualTime().GetUtcNow().ToUnixTimeSeconds();
            var decision = (Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)GuardianDecider.Decide(state, new(command, now));
            foreach (GuardianEvent @event in decision.Events)
            {
                state = GuardianDecider.Decider.Evolve(state, @event);
                chain.Add(((GuardianEvent.Recorded)@event).Record);
            }
        }

        return chain;
    }

    private async Task<ToGuardian> ToldAsync(int seat, Predicate<GuardianCommand.Fold> isIt) => (ToGuardian)await _seats!.FishForMessageAsync(
        message => message is ToGuardian { Command: GuardianCommand.Fold fold, Guardian.Seat: { } told } && told == new SeatId(seat) && isIt(fold));

    private LocalRegion StartCoordinator(string party = Party, IJournal? journal = null)
    {
        _seats = CreateTestProbe();
        GuardianParts parts = new(PluginOver(journal ?? _journal, party), SealedStores.NoQuarantine, _clock) { Seats = _seats, SizeOf = static _ => (3, 2) };
        return Region(id => GroupGuardianActor.Props(id, parts));
    }

    private LocalRegion StartSeat()
    {
        GuardianParts parts = new(PluginOver(new MemoryJournal(), "seat-1"), SealedStores.NoQuarantine, _time);
        return Region(id => GroupGuardianActor.Props(id, parts));
    }

    /// <summary>The clock of the coordinator's node.</summary>
    private sealed class OwnClock(TimeProvider right) : TimeProvider
    {
        internal TimeSpan Ahead { get; set; }

        public override long TimestampFrequency => right.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + Ahead;

        public override long GetTimestamp() => right.GetTimestamp();
    }
}
