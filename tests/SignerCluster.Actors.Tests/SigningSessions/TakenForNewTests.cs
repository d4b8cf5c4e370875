using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Frost.Round2;
using SignerCluster.Journal.Persistence;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.SigningSessions;

/// <summary>A session that is begun most often is new, so its history is not read first. One that is not new finds out before it tells anything.</summary>
public sealed class TakenForNewTests : ActorsTest
{
    private readonly SeatBench _seat;
    private readonly SeatBench _other;

    public TakenForNewTests()
    {
        _seat = new SeatBench(this);
        _other = _seat.OnAnotherNode();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _other.Dispose();
        _seat.Dispose();
    }

    [Fact]
    public async Task A_session_that_is_new_is_opened_and_joined_with_one_append_and_no_read()
    {
        ExpectNew();
        (await _other.AskAllAsync(_other.Open(), _other.Commit(1)))[1].Commitment();
        Assert.Equal((0, 1), (_seat.Journal.Reads, _seat.Journal.Appends));
    }

    [Fact]
    public async Task N7_A_seat_that_is_taken_for_new_finds_out_by_its_append_and_goes_on_from_the_journal()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        string[] before = await _other.ManifestsAsync();

        ExpectNew();
        Assert.All(await _other.AskAllAsync(_other.Open(), _other.Commit(1)), static answer => Assert.Equal("journal_contended", answer.FaultCode()));
        // What failed is sent again, and looks again as if it began a session.
        ExpectNew();
        IReadOnlyList<SeatAnswer> answers = await _other.AskAllAsync(_other.Open(), _other.Commit(1), new SeatRequest.SignShare(package));

        Assert.Equal("attempt_consumed", answers[1].RefusalCode());
        Assert.Equal(share, answers[2].Share());
        Assert.Equal(before, await _other.ManifestsAsync());
        Assert.Null(_other.Vault.Holding(_other.Address));
    }

    [Fact]
    public async Task D8_What_an_entity_that_was_taken_for_new_says_of_itself_is_not_told()
    {
        await _seat.JoinAsync(1);
        ExpectNew();
        Assert.Equal("journal_contended", (await _other.AskAsync(new SeatRequest.Abort(AbortReason.Requested))).FaultCode());
        ExpectNew();
        (await _other.AskAsync(new SeatRequest.Abort(AbortReason.Requested))).IsAcknowledged();
    }

    [Fact]
    public async Task K4_An_entity_in_quarantine_that_is_taken_for_new_is_not_readable_again_for_that()
    {
        await _seat.JoinAsync(1);
        _seat.Journal.Stored.Damage(_seat.Id, static row => row.SequenceNumber == 1 ? null : row);
        Assert.Equal(UnreadableHistoryException.RefusalCode, (await _other.AskAsync(_other.Commit(2))).RefusalCode());
        ExpectNew();
        Assert.Equal("journal_contended", (await _other.AskAsync(_other.Open())).FaultCode());
        Assert.Single(_other.Quarantine.Entities);
        Assert.Equal(UnreadableHistoryException.RefusalCode, (await _other.AskAsync(_other.Open())).RefusalCode());
    }

    private void ExpectNew() => Sys.Settings.Setup.Get<JournalSetup>().Value.Of(AnotherNode).Expect(_other.Id, @new: true);
}
