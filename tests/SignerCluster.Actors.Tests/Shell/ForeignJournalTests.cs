using Akka.Persistence;
using Akka.Persistence.TestKit;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Shell;

/// <summary>The shell over a journal that knows nothing of ours: what it does not say is taken for the worst.</summary>
public sealed class ForeignJournalTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly ITestJournal _journal;

    public ForeignJournalTests()
    {
        _seat = new SeatBench(this, ForeignPlugin);
        _journal = TestJournal.FromRef(Persistence.Instance.Apply(Sys).JournalFor(ForeignPlugin));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    [Fact]
    public async Task S6_A_failure_that_says_nothing_of_the_write_is_an_unknown_outcome()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        await _journal.OnWrite.Fail();
        Assert.Equal(new SeatAnswer.Failed("storage_unavailable", IsTransient: true), await _seat.AskAsync(new SeatRequest.SignShare(package)));
        Assert.Equal(0, _seat.Vault.Count);
        await _journal.OnWrite.Pass();
        Assert.Equal("nonce_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
    }

    [Fact]
    public async Task S1_A_rejected_event_is_no_written_one_and_leaves_no_gap()
    {
        await _seat.AskAsync(_seat.Open());
        await _journal.OnWrite.Reject();
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), TestActor);
        Assert.Equal("entity_failed", Assert.Single((await ExpectMsgAsync<Messages.FromSeat>()).Answers).FaultCode());
        Assert.Equal(0, _seat.Vault.Count);
        await _journal.OnWrite.Pass();
        Commitment commitment = (await _seat.AskAsync(_seat.Commit(1))).Commitment();
        _seat.Region.Newest.Tell(Messages.Stop.Instance, TestActor);
        Assert.Equal(commitment, (await _seat.AskAsync(_seat.Commit(1))).Commitment());
    }

    [Fact]
    public async Task A_recovery_that_breaks_off_ends_the_activation_and_the_next_one_reads_again()
    {
        await _seat.JoinAsync(1);
        _seat.Region.Newest.Tell(Messages.Stop.Instance, TestActor);
        await _journal.OnRecovery.Fail();
        await HasEndedAsync(_seat.Region.Newest);
        _seat.Region.Ref.Tell(_seat.Message(_seat.Commit(1)), TestActor);
        Assert.Equal("entity_failed", Assert.Single((await ExpectMsgAsync<Messages.FromSeat>()).Answers).FaultCode());
        await _journal.OnRecovery.Pass();
        (await _seat.AskAsync(_seat.Commit(1))).Commitment();
    }

    [Fact]
    public async Task S1_A_write_that_is_late_is_answered_late()
    {
        Conformance.Gate written = new("the event is written");
        await _journal.OnWrite.SetInterceptorAsync(new Waiting(written));
        _seat.Region.Ref.Tell(_seat.Message(_seat.Open()), TestActor);
        await IsAtRestAsync(_seat.Region.Ref);
        Assert.True(await WasToldNothingAsync(this, by: _seat.Region.Newest));
        written.Open();
        Assert.Single((await ExpectMsgAsync<Messages.FromSeat>()).Answers).IsAcknowledged();
    }

    private sealed class Waiting(Conformance.Gate gate) : IJournalInterceptor
    {
        public Task InterceptAsync(IPersistentRepresentation message) => gate.WaitAsync();
    }
}
