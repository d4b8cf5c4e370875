using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.SigningSessions;

/// <summary>Two nodes believe that they run one entity. Whoever answers, answers what the journal says now.</summary>
public sealed class SecondActivationTests : ActorsTest
{
    private readonly SeatBench _seat;

    public SecondActivationTests() => _seat = new SeatBench(this);

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    [Fact]
    public async Task D8_An_activation_that_fell_behind_gives_the_share_that_another_recorded()
    {
        using SeatBench other = _seat.OnAnotherNode();
        SigningPackage package = await _seat.JoinAsync(1);
        await other.AskAsync(other.Open());
        SeatAnswer first = await _seat.AskAsync(new SeatRequest.SignShare(package));
        Assert.Equal("journal_contended", (await other.AskAsync(new SeatRequest.SignShare(package))).FaultCode());
        Assert.Equal(first.Share(), (await other.AskAsync(new SeatRequest.SignShare(package))).Share());
    }

    [Fact]
    public async Task D8_An_activation_that_fell_behind_does_not_refuse_what_it_has_not_read()
    {
        using SeatBench other = _seat.OnAnotherNode();
        SigningPackage first = await _seat.JoinAsync(1);
        await other.AskAsync(other.Open());
        await _seat.AskAsync(new SeatRequest.SignShare(first));
        Assert.Equal("journal_contended", (await other.AskAsync(other.Commit(1))).FaultCode());
        Assert.Equal("attempt_consumed", (await other.AskAsync(other.Commit(1))).RefusalCode());
        Assert.Equal(
            "consumed_nonce_replay", (await other.AskAsync(new SeatRequest.SignShare(_seat.Package(1, first.Commitments[0].Commitment)))).RefusalCode());
    }

    [Fact]
    public async Task D8_While_the_journal_cannot_be_asked_nothing_is_answered_from_memory_alone()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        await _seat.AskAsync(new SeatRequest.SignShare(package));
        _seat.Journal.IsUnreadable = true;
        Assert.Equal("storage_io_error", (await _seat.AskAsync(new SeatRequest.SignShare(package))).FaultCode());
        _seat.Journal.IsUnreadable = false;
        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task D8_A_message_whose_write_failed_answers_nothing_from_a_state_that_was_overtaken()
    {
        using SeatBench other = _seat.OnAnotherNode();
        SigningPackage package = await _seat.JoinAsync(1);
        await other.AskAsync(other.Open());
        await _seat.AskAsync(new SeatRequest.SignShare(package));

        _seat.Journal.Next(Fate.NotWritten);
        IReadOnlyList<SeatAnswer> answers = await other.AskAllAsync(new SeatRequest.SignShare(package), other.Commit(5));
        Assert.All(answers, static answer => Assert.Equal("disk_full", answer.FaultCode()));
        Assert.True(_seat.Verifies(package, (await other.AskAllAsync(new SeatRequest.SignShare(package), other.Commit(5)))[0].Share()));
    }
}
