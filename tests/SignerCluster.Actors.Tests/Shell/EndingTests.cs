using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Shell;

/// <summary>How an activation ends, and what becomes of who waits and of what was in progress.</summary>
public sealed class EndingTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly TestProbe _asker;

    public EndingTests()
    {
        _seat = new SeatBench(this);
        _asker = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    [Fact]
    public async Task Messages_that_stand_behind_a_failed_write_are_answered_that_they_may_be_sent_again()
    {
        await _seat.JoinAsync(1);
        Gate arrived = new("the append arrived");
        Gate release = new("the append is released");
        _seat.Journal.Next(async _ =>
        {
            arrived.Open();
            await release.WaitAsync();
            return new AppendOutcome.NotWritten(new JournalException("disk_full", "The disk is full.", isTransient: true));
        });
        for (int message = 0; message < 4; message++)
        {
            _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(2)), _asker);
        }

        await arrived.WaitAsync();
        await IsAtRestAsync(_seat.Region.Ref);
        release.Open();
        List<SeatAnswer> answers = [];
        for (int message = 0; message < 4; message++)
        {
            answers.Add(Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers));
        }

        Assert.Single(answers, new SeatAnswer.Failed("disk_full", IsTransient: true));
        Assert.Equal(3, answers.Count(static answer => answer == new SeatAnswer.Failed("entity_failed", IsTransient: true)));
    }

    [Fact]
    public async Task N7_A_stop_while_a_write_is_under_way_lets_it_finish()
    {
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Open(), _seat.Commit(1)), _asker);
        await arrived.WaitAsync();
        Task ended = HasEndedAsync(_seat.Region.Newest);
        _seat.Region.Newest.Tell(Stop.Instance);
        await IsAtRestAsync(_seat.Region.Newest);
        release.Open();

        Commitment commitment = (await _asker.ExpectMsgAsync<FromSeat>()).Answers[1].Commitment();
        await ended;
        Assert.Equal(commitment, _seat.Vault.Holding(_seat.Address)!.Commitment);
        Assert.Equal(2, (await _seat.ManifestsAsync()).Length);
        Assert.Equal(commitment, (await _seat.AskAsync(_seat.Commit(1))).Commitment());
    }

    [Fact]
    public async Task S6_An_activation_that_is_ended_while_it_writes_keeps_no_secret_of_that_write()
    {
        Gate arrived = new("the append arrived");
        Gate release = new("the append is released");
        Gate written = new("the append is written");
        _seat.Journal.Next(async append =>
        {
            arrived.Open();
            await release.WaitAsync();
            AppendOutcome outcome = await _seat.Journal.Stored.AppendAsync(append);
            written.Open();
            return outcome;
        });
        _seat.Region.Ref.Tell(_seat.Message(_seat.Open(), _seat.Commit(1)), _asker);
        await arrived.WaitAsync();
        Task ended = HasEndedAsync(_seat.Region.Newest);
        Sys.Stop(_seat.Region.Newest);
        await ended;
        release.Open();
        await written.WaitAsync();
        Assert.True(Assert.Single(_seat.Steps.Taken).IsDisposed);
        Assert.Equal(0, _seat.Vault.Count);
        Assert.IsType<SeatAnswer.Refused>((await _seat.AskAllAsync(_seat.Open(), _seat.Commit(1)))[1]);
    }

    [Fact]
    public async Task N10_A_decision_that_a_defect_breaks_off_keeps_no_secret_of_it()
    {
        await _seat.AskAsync(_seat.Open());
        int asked = 0;
        _seat.Standing = () => ++asked < 2 ? _seat.Group.Standing : throw new InvalidOperationException("A defect.");
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1), _seat.Commit(2)), _asker);
        Assert.All((await _asker.ExpectMsgAsync<FromSeat>()).Answers, static answer => Assert.Equal("entity_failed", answer.FaultCode()));
        WatchedSteps.Step step = Assert.Single(_seat.Steps.Taken);
        _seat.Standing = () => _seat.Group.Standing;
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
        Assert.True(step.IsDisposed);
        Assert.Null(step.Outcome);
    }

    [Fact]
    public async Task Only_a_session_that_is_not_open_leaves_memory()
    {
        await _seat.JoinAsync(1);
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
        await IsAtRestAsync(_seat.Region.Newest);
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.Empty(_seat.Region.Passivated);

        Task ended = HasEndedAsync(_seat.Region.Newest);
        await _seat.AskAsync(new SeatRequest.Abort(AbortReason.Requested));
        await ended;
        Assert.Equal([_seat.Id], _seat.Region.Passivated);
    }

    public static TheoryData<string> Messages => ["wake", "refused", "too many"];

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_session_that_never_was_leaves_memory_whatever_was_sent_to_it(string message)
    {
        _seat.Region.Ref.Tell(
            message switch
            {
                "wake" => new Wake(_seat.Id),
                "refused" => _seat.Message(_seat.Commit(1)),
                _ => _seat.Message([.. Enumerable.Repeat(_seat.Open(), 9)]),
            },
            _asker);
        await IsAtRestAsync(_seat.Region.Ref);
        await HasEndedAsync(_seat.Region.Newest);
        Assert.Equal([_seat.Id], _seat.Region.Passivated);
    }

    [Theory]
    [InlineData(nameof(Fate.NotWritten))]
    [InlineData(nameof(Fate.UnknownAndNotWritten))]
    public async Task An_entity_that_owes_something_is_woken_after_its_write_failed(string fate)
    {
        await _seat.JoinAsync(1);
        _seat.Journal.Next(Enum.Parse<Fate>(fate));
        Task ended = HasEndedAsync(_seat.Region.Newest);
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(2)), _asker);
        await _asker.ExpectMsgAsync<FromSeat>();
        await ended;
        Time.Advance(TimeSpan.FromMilliseconds(499));
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.Single(_seat.Region.Activations);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.Equal(2, _seat.Region.Activations.Count);
    }

    [Fact]
    public async Task An_entity_that_owes_nothing_is_left_alone_after_its_write_failed()
    {
        _seat.Journal.Next(Fate.NotWritten);
        Task<SeatAnswer> asked = _seat.AskAsync(_seat.Open());
        Assert.Equal("disk_full", (await asked).FaultCode());
        await HasEndedAsync(_seat.Region.Newest);
        Time.Advance(TimeSpan.FromHours(1));
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.Single(_seat.Region.Activations);
    }
}
