using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.SigningSessions;

/// <summary>Where a seat's nonce comes from, how long it stays, and what a restart, a replacement and a second activation do to it.</summary>
public sealed class NonceLifetimeTests : ActorsTest
{
    private readonly SeatBench _seat;

    public NonceLifetimeTests() => _seat = new SeatBench(this);

    protected override void AfterAll()
    {
        base.AfterAll();
        _seat.Dispose();
    }

    [Fact]
    public async Task N6_After_a_restart_the_same_package_gets_its_share_and_any_other_is_refused()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        SigningPackage another = _seat.Package(1, _seat.Vault.Holding(_seat.Address)!.Commitment);
        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();

        using SeatBench restarted = _seat.Restarted();
        int appends = _seat.Journal.Appends;
        Assert.Equal(share, (await restarted.AskAsync(new SeatRequest.SignShare(package))).Share());
        Assert.Equal("consumed_nonce_replay", (await restarted.AskAsync(new SeatRequest.SignShare(another))).RefusalCode());
        Assert.Equal("attempt_consumed", (await restarted.AskAsync(_seat.Commit(1))).RefusalCode());
        // The evidence of A7, and nothing else.
        Assert.Equal(appends + 1, _seat.Journal.Appends);
    }

    [Fact]
    public async Task N6_A_restart_before_signing_loses_the_nonce_and_a_newer_attempt_works()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        Assert.Equal("nonce_lost", (await restarted.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
        Assert.Equal("nonce_lost", (await restarted.AskAsync(_seat.Commit(1))).RefusalCode());

        SigningPackage newer = await restarted.JoinAsync(2);
        Assert.True(restarted.Verifies(newer, (await restarted.AskAsync(new SeatRequest.SignShare(newer))).Share()));
    }

    [Fact]
    public async Task N6_A_restart_after_a_definite_failure_cannot_reuse_the_nonce_either()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.NotWritten);
        await _seat.AskAsync(new SeatRequest.SignShare(package));
        using SeatBench restarted = _seat.Restarted();
        Assert.Equal("nonce_lost", (await restarted.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
    }

    [Fact]
    public async Task N9_A_repeated_commit_gives_the_same_commitment_without_a_write()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        int appends = _seat.Journal.Appends;
        package.Commitments.TryGet(_seat.Address.Seat, out Batch<Commitment>? first);
        for (int again = 0; again < 3; again++)
        {
            Assert.Equal(first, (await _seat.AskAsync(_seat.Commit(1))).Commitment());
        }

        Assert.Equal(appends, _seat.Journal.Appends);
    }

    [Fact]
    public async Task N9_An_older_or_other_attempt_never_disturbs_a_newer_one()
    {
        SigningPackage package = await _seat.JoinAsync(5);
        Assert.Equal("attempt_stale", (await _seat.AskAsync(_seat.Commit(4))).RefusalCode());
        AttemptContext equal = AttemptContext.Derive(_seat.Session, _seat.Request, 5, SeatSet.Of(new SeatId(0), new SeatId(1)));
        Assert.Equal("attempt_conflict", (await _seat.AskAsync(new SeatRequest.Commit(equal))).RefusalCode());
        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
        Assert.Equal("attempt_stale", (await _seat.AskAsync(_seat.Commit(4))).RefusalCode());
    }

    [Fact]
    public async Task N9_Sibling_seats_of_one_participant_are_independent()
    {
        using SeatBench sibling = _seat.ForSeat(2);
        SigningPackage package = await _seat.JoinAsync(1);
        SigningPackage siblings = await sibling.JoinAsync(1);
        Assert.Equal(2, _seat.Vault.Count);
        await sibling.AskAsync(new SeatRequest.Abort(AbortReason.Requested));
        Assert.Equal(1, _seat.Vault.Count);
        Assert.Equal("session_aborted", (await sibling.AskAsync(new SeatRequest.SignShare(siblings))).RefusalCode());
        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task N10_A_nonce_is_gone_once_it_was_used()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        Assert.NotNull(_seat.Vault.Holding(_seat.Address));
        await _seat.AskAsync(new SeatRequest.SignShare(package));
        Assert.Null(_seat.Vault.Holding(_seat.Address));
    }

    [Theory]
    [InlineData(AbortReason.Requested)]
    [InlineData(AbortReason.Expired)]
    public async Task N10_A_nonce_is_wiped_when_its_session_is_aborted_and_not_before_that_is_durable(AbortReason reason)
    {
        await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.NotWritten);
        await _seat.AskAsync(new SeatRequest.Abort(reason));
        Assert.Equal(1, _seat.Vault.Count);
        (await _seat.AskAsync(new SeatRequest.Abort(reason))).IsAcknowledged();
        Assert.Equal(0, _seat.Vault.Count);
    }

    [Fact]
    public async Task N10_A_nonce_is_wiped_by_its_expiry_without_any_traffic()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, _seat.Vault.Count);
        _seat.Time.Advance(TimeSpan.FromMinutes(3.5));
        Assert.Equal(0, _seat.Vault.Count);
        Assert.Equal("nonce_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
    }

    [Fact]
    public async Task N10_A_session_that_stays_open_too_long_is_ended_and_its_nonce_wiped_without_any_traffic()
    {
        await _seat.JoinAsync(1);
        Task ended = HasEndedAsync(_seat.Region.Newest);
        await IsAtRestAsync(_seat.Region.Newest);
        Time.Advance(SeatBench.Expiry - TimeSpan.FromSeconds(1));
        await IsAtRestAsync(_seat.Region.Newest);
        Assert.Equal(1, _seat.Vault.Count);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ended;
        Assert.Equal("signing-session.session-aborted.v1", (await _seat.ManifestsAsync())[^1]);
        Assert.Equal(0, _seat.Vault.Count);
    }

    [Fact]
    public async Task N10_A_newer_attempt_replaces_the_nonce_of_the_older_one()
    {
        SigningPackage older = await _seat.JoinAsync(1);
        SigningPackage newer = await _seat.JoinAsync(2);
        newer.Commitments.TryGet(_seat.Address.Seat, out Batch<Commitment>? commitment);
        Assert.Equal(commitment, _seat.Vault.Holding(_seat.Address)!.Commitment);
        Assert.Equal(1, _seat.Vault.Count);
        Assert.Equal("attempt_not_live", (await _seat.AskAsync(new SeatRequest.SignShare(older))).RefusalCode());
    }

    [Fact]
    public async Task N10_A_nonce_is_wiped_when_its_session_is_completed()
    {
        SeatRequest.Complete complete = await _seat.FinishAsync(1);
        await _seat.JoinAsync(2);
        Assert.Equal(1, _seat.Vault.Count);
        (await _seat.AskAsync(complete)).IsAcknowledged();
        Assert.Equal(0, _seat.Vault.Count);
        Assert.Equal("attempt_already_aggregated", (await _seat.AskAsync(_seat.Commit(3))).RefusalCode());
    }

    [Fact]
    public async Task D5_A_signature_over_another_message_completes_nothing()
    {
        SeatRequest.Complete complete = await _seat.FinishAsync(1);
        using SeatBench other = _seat.ForSession("s2");
        await other.JoinAsync(1);
        Assert.Equal("attempt_id_mismatch", (await other.AskAsync(complete)).RefusalCode());
        Bytes64 altered = FixedBytes.From<Bytes64>([.. complete.Signature.Single.AsSpan()[..63], (byte)(complete.Signature.Single.AsSpan()[63] ^ 1)]);
        Assert.Equal("signature_invalid", (await _seat.AskAsync(complete with { Signature = altered })).RefusalCode());
        Assert.Equal(1, _seat.Vault.Count);
    }

    [Fact]
    public async Task N10_Shutdown_wipes_and_nothing_is_kept_after_it()
    {
        await _seat.JoinAsync(1);
        _seat.Vault.Dispose();
        Assert.Equal(0, _seat.Vault.Count);
        SigningPackage late = await _seat.JoinAsync(2);
        Assert.Equal(0, _seat.Vault.Count);
        Assert.Equal("nonce_lost", (await _seat.AskAsync(new SeatRequest.SignShare(late))).RefusalCode());
        Assert.Equal(0, _seat.Time.ArmedTimers);
    }

    [Fact]
    public async Task A8_A_full_vault_refuses_the_new_session_and_evicts_nothing()
    {
        SigningPackage first = await _seat.JoinAsync(1);
        using SeatBench second = _seat.ForSession("s2");
        using SeatBench third = _seat.ForSession("s3");
        await second.JoinAsync(1);
        await third.AskAsync(third.Open());
        Assert.Equal(new SeatAnswer.Failed("nonce_capacity", IsTransient: true), await third.AskAsync(third.Commit(1)));
        Assert.True((await second.AskAsync(second.Commit(2))).Commitment().IsValid());

        Assert.True(_seat.Verifies(first, (await _seat.AskAsync(new SeatRequest.SignShare(first))).Share()));
        SigningPackage package = await third.JoinAsync(1);
        Assert.True(third.Verifies(package, (await third.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task D8_Of_two_nodes_that_commit_at_once_one_wins_and_the_other_answers_from_the_journal()
    {
        using SeatBench other = _seat.OnAnotherNode();
        await _seat.AskAsync(_seat.Open());
        await other.AskAsync(other.Open());
        SeatAnswer? winner = null;
        _seat.Journal.OvertakeNext(async () => winner = await other.AskAsync(other.Commit(1)));

        Assert.Equal("journal_contended", (await _seat.AskAsync(_seat.Commit(1))).FaultCode());
        Assert.Equal("nonce_lost", (await _seat.AskAsync(_seat.Commit(1))).RefusalCode());
        Assert.Equal(0, _seat.Vault.Count);
        SigningPackage package = other.Package(1, winner!.Commitment());
        Assert.True(other.Verifies(package, (await other.AskAsync(new SeatRequest.SignShare(package))).Share()));
        Assert.Equal(3, (await _seat.ManifestsAsync()).Length);
    }

    [Fact]
    public async Task D8_Of_two_activations_in_one_process_both_give_the_one_commitment_and_the_one_share()
    {
        using SeatBench twin = _seat.Twin();
        await _seat.AskAsync(_seat.Open());
        await twin.AskAsync(twin.Open());
        SeatAnswer? winner = null;
        _seat.Journal.OvertakeNext(async () => winner = await twin.AskAsync(twin.Commit(1)));
        Assert.Equal("journal_contended", (await _seat.AskAsync(_seat.Commit(1))).FaultCode());
        Commitment commitment = (await _seat.AskAsync(_seat.Commit(1))).Commitment();
        Assert.Equal(winner!.Commitment(), commitment);

        SigningPackage package = _seat.Package(1, commitment);
        SigningPackage another = _seat.Package(1, commitment);
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        Task<SeatAnswer> signing = _seat.AskAsync(new SeatRequest.SignShare(package));
        await arrived.WaitAsync();
        Assert.Equal("nonce_lost", (await twin.AskAsync(new SeatRequest.SignShare(another))).RefusalCode());
        release.Open();
        Assert.True(_seat.Verifies(package, (await signing).Share()));
    }
}
