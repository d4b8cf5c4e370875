using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Shell;

/// <summary>D8: what is answered without a write is answered after the journal has said that nobody else wrote.</summary>
public sealed class HeadTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly TestProbe _asker;

    public HeadTests()
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
    public async Task D8_An_answer_without_an_event_waits_until_the_journal_has_told_the_head()
    {
        await _seat.JoinAsync(1);
        Gate told = _seat.Journal.SlowHead = new Gate("the head is told");
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), _asker);
        Assert.True(await WasToldNothingAsync(_asker, by: _seat.Region.Newest));
        told.Open();
        Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).Commitment();
    }

    [Fact]
    public async Task D8_One_question_proves_all_that_was_decided_before_it_was_asked()
    {
        await _seat.JoinAsync(1);
        int before = _seat.Journal.HeadReads;
        Gate told = _seat.Journal.SlowHead = new Gate("the head is told");
        for (int message = 0; message < 6; message++)
        {
            _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), _asker);
        }

        // The first asks the question; the other five are proved by the one that is asked next.
        Assert.True(await WasToldNothingAsync(_asker, by: await LastOfRegionAsync()));
        told.Open();
        for (int message = 0; message < 6; message++)
        {
            Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).Commitment();
        }

        Assert.Equal(before + 2, _seat.Journal.HeadReads);
    }

    [Fact]
    public async Task D8_An_activation_that_was_overtaken_tells_everybody_and_ends()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        using SeatBench other = _seat.OnAnotherNode();
        await other.AskAsync(other.Open());
        await _seat.AskAsync(new SeatRequest.SignShare(package));
        Task ended = HasEndedAsync(other.Region.Newest);

        for (int message = 0; message < 3; message++)
        {
            other.Region.Ref.Tell(other.Message(new SeatRequest.SignShare(package)), _asker);
        }

        List<string> codes = [];
        for (int message = 0; message < 3; message++)
        {
            codes.Add(Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).FaultCode());
        }

        await ended;
        Assert.Equal("journal_contended", codes[0]);
        Assert.All(codes, static code => Assert.Contains(code, (string[])["journal_contended", "entity_failed"]));
        Assert.True(other.Verifies(package, (await other.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task D8_When_the_head_cannot_be_had_the_asker_learns_it_and_the_activation_goes_on()
    {
        await _seat.JoinAsync(1);
        IActorRef activation = _seat.Region.Newest;
        _seat.Journal.IsUnreadable = true;
        Assert.Equal(new SeatAnswer.Failed("storage_io_error", IsTransient: true), await _seat.AskAsync(_seat.Commit(1)));
        _seat.Journal.IsUnreadable = false;
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
        Assert.Equal(activation, _seat.Region.Newest);
    }

    [Fact]
    public async Task D1_What_was_durable_before_a_definite_non_write_is_answered_after_the_head_is_told()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        Gate told = _seat.Journal.SlowHead = new Gate("the head is told");
        _seat.Journal.Next(Fate.NotWritten);
        Task ended = HasEndedAsync(_seat.Region.Newest);
        _seat.Region.Ref.Tell(_seat.Message(new SeatRequest.SignShare(package), _seat.Commit(2)), _asker);
        await ended;
        Assert.False(_asker.HasMessages);
        told.Open();
        IReadOnlyList<SeatAnswer> answers = (await _asker.ExpectMsgAsync<FromSeat>()).Answers;
        Assert.Equal(share, answers[0].Share());
        Assert.Equal("disk_full", answers[1].FaultCode());
    }

    [Fact]
    public async Task D8_A_stop_that_comes_before_the_head_is_told_leaves_nobody_without_an_answer()
    {
        await _seat.JoinAsync(1);
        Gate told = _seat.Journal.SlowHead = new Gate("the head is told");
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), _asker);
        IActorRef activation = await LastOfRegionAsync();
        Task ended = HasEndedAsync(activation);
        activation.Tell(Stop.Instance);
        await ended;
        Assert.Equal(new SeatAnswer.Failed("entity_failed", IsTransient: true), Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers));
        told.Open();
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
    }

    [Fact]
    public async Task D8_A_defect_that_ends_the_activation_leaves_nobody_without_an_answer()
    {
        await _seat.JoinAsync(1);
        Gate told = _seat.Journal.SlowHead = new Gate("the head is told");
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), _asker);
        await LastOfRegionAsync();
        _seat.Standing = static () => throw new InvalidOperationException("A defect.");
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), _asker);
        for (int message = 0; message < 2; message++)
        {
            Assert.Equal("entity_failed", Assert.Single((await _asker.ExpectMsgAsync<FromSeat>()).Answers).FaultCode());
        }

        told.Open();
        _seat.Standing = () => _seat.Group.Standing;
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
    }

    /// <summary>The activation, when it has read all that was sent to its region.</summary>
    private async Task<IActorRef> LastOfRegionAsync()
    {
        await IsAtRestAsync(_seat.Region.Ref);
        await IsAtRestAsync(_seat.Region.Newest);
        return _seat.Region.Newest;
    }
}
