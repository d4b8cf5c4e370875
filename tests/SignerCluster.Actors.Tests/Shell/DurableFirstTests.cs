using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Shell;

/// <summary>S1: nothing leaves an entity before its write is durable, whatever the journal does. Shown on a seat's session.</summary>
public sealed class DurableFirstTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly TestProbe _asker;

    public DurableFirstTests()
    {
        _seat = new SeatBench(this);
        _asker = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    public static TheoryData<string, string> Failures => new()
    {
        { "conflict", "journal_contended" },
        { "not written", "disk_full" },
        { "unknown, written", "connection_lost" },
        { "unknown, not written", "connection_lost" },
        { "says nothing", "storage_unavailable" },
    };

    [Fact]
    public async Task S1_No_reply_leaves_before_the_last_event_of_its_decision_is_durable()
    {
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Open(), _seat.Commit(1)), _asker);
        await arrived.WaitAsync();
        Assert.True(await WasToldNothingAsync(_asker, by: _seat.Region.Newest));

        release.Open();
        Assert.All((await _asker.ExpectMsgAsync<FromSeat>()).Answers, static answer => Assert.IsType<SeatAnswer.Granted>(answer));
        Assert.Equal(2, (await _seat.ManifestsAsync()).Length);
    }

    [Fact]
    public async Task S1_No_effect_runs_before_the_write_is_durable()
    {
        await _seat.JoinAsync(1);
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        _seat.Region.Ref.Tell(_seat.Message(new SeatRequest.Abort(AbortReason.Requested)), _asker);
        await arrived.WaitAsync();
        await IsAtRestAsync(_seat.Region.Newest);
        Assert.Equal(1, _seat.Vault.Count);

        release.Open();
        await _asker.ExpectMsgAsync<FromSeat>();
        Assert.Equal(0, _seat.Vault.Count);
    }

    [Fact]
    public async Task S1_A_journal_that_never_answers_is_waited_for_and_what_was_asked_meanwhile_with_it()
    {
        await _seat.JoinAsync(1);
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(2)), _asker);
        await arrived.WaitAsync();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(2)), _asker);
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.True(await WasToldNothingAsync(_asker, by: _seat.Region.Newest));
        Assert.Equal(2, _seat.Journal.Appends);

        release.Open();
        Commitment first = Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).Commitment();
        Assert.Equal(first, Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).Commitment());
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task S1_A_write_that_fails_is_answered_by_its_outcome_has_no_effect_and_ends_the_activation(string failure, string code)
    {
        await _seat.JoinAsync(1);
        FailNext(failure);
        IActorRef activation = _seat.Region.Newest;
        Task ended = HasEndedAsync(activation);
        _seat.Region.Ref.Tell(_seat.Message(new SeatRequest.Abort(AbortReason.Requested)), _asker);

        SeatAnswer answer = Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers);
        Assert.Equal(new SeatAnswer.Failed(code, IsTransient: true), answer);
        await ended;
        bool isKnown = failure is "conflict" or "not written";
        Assert.Equal(isKnown ? 1 : 0, _seat.Vault.Count);

        (await _seat.AskAsync(new SeatRequest.Abort(AbortReason.Requested))).IsAcknowledged();
        Assert.NotEqual(activation, _seat.Region.Newest);
        Assert.Single(await _seat.ManifestsAsync(), "signing-session.session-aborted.v1");
        Assert.Equal(0, _seat.Vault.Count);
    }

    [Fact]
    public async Task S4_A_slow_write_of_one_entity_fails_no_other_entity()
    {
        using SeatBench neighbour = _seat.ForSession("s2");
        await neighbour.JoinAsync(1);
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Open()), _asker);
        await arrived.WaitAsync();

        // An answer without a write does not stand behind it.
        (await neighbour.AskAsync(neighbour.Open())).IsAcknowledged();
        Task<SeatAnswer> writes = neighbour.AskAsync(neighbour.Commit(2));
        release.Open();
        (await writes).Commitment();
        Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).IsAcknowledged();
    }

    private void FailNext(string failure)
    {
        switch (failure)
        {
            case "conflict":
                _seat.Journal.Next(static append => new(new AppendOutcome.Conflict(append.ExpectedVersion + 1)));
                break;
            case "not written":
                _seat.Journal.Next(Fate.NotWritten);
                break;
            case "unknown, written":
                _seat.Journal.Next(Fate.UnknownAndWritten);
                break;
            case "unknown, not written":
                _seat.Journal.Next(Fate.UnknownAndNotWritten);
                break;
            default:
                _seat.Journal.Next(static _ => throw new NotSupportedException("The driver is confused."));
                break;
        }
    }
}
