using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>What a seat answers while its journal waits, fails, or leaves in doubt what it did.</summary>
public sealed class SeatDurabilityTests : IDisposable
{
    private readonly SeatBench _seat = new();

    public void Dispose() => _seat.Dispose();

    [Fact]
    public async Task N3_No_share_leaves_before_its_marker_is_durable()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();

        Task<SeatAnswer> asked = _seat.AskAsync(new SeatRequest.SignShare(package));
        await arrived.WaitAsync();
        Assert.False(asked.IsCompleted);
        Assert.Equal(2, (await _seat.ManifestsAsync()).Length);
        release.Open();

        Assert.True(_seat.Verifies(package, (await asked).Share()));
        Assert.Equal(3, (await _seat.ManifestsAsync()).Length);
    }

    [Fact]
    public async Task A_session_that_is_new_is_opened_and_joined_with_one_append_and_no_read()
    {
        _seat.Journal.IsUnreadable = true;
        (await _seat.AskAllAsync(_seat.Open(), _seat.Commit(1)))[1].Commitment();
        Assert.Equal(1, _seat.Journal.Appends);
    }

    [Fact]
    public async Task N7_A_seat_that_takes_its_session_for_new_after_a_restart_finds_out_by_its_append_and_goes_on_from_the_journal()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        using SeatBench restarted = _seat.Restarted();
        string[] before = await restarted.ManifestsAsync();

        IReadOnlyList<SeatAnswer> answers = await restarted.AskAllAsync(restarted.Open(), restarted.Commit(1), new SeatRequest.SignShare(package));

        Assert.IsType<SeatAnswer.Refused>(answers[1]);
        Assert.Equal(share, answers[2].Share());
        Assert.Equal(before, await restarted.ManifestsAsync());
        Assert.Null(restarted.Vault.Holding(restarted.Address));
    }

    [Fact]
    public async Task D8_A_new_session_is_refused_only_when_the_journal_says_that_it_is_new()
    {
        _seat.Standing = _seat.Group.Standing with { HeldSeats = default };
        _seat.Journal.IsUnreadable = true;
        Assert.Equal("storage_io_error", (await _seat.AskAsync(_seat.Open())).FaultCode());
        _seat.Journal.IsUnreadable = false;
        Assert.IsType<SeatAnswer.Refused>(await _seat.AskAsync(_seat.Open()));
        Assert.Equal(0, _seat.Journal.Appends);
    }

    [Fact]
    public async Task N3_No_commitment_leaves_before_it_is_durable_and_no_nonce_is_kept_for_it_before_that()
    {
        (Gate arrived, Gate release) = _seat.Journal.HoldNext();
        Task<SigningPackage> joining = _seat.JoinAsync(1);
        await arrived.WaitAsync();
        Assert.False(joining.IsCompleted);
        Assert.Equal(0, _seat.Vault.Count);
        release.Open();
        await joining;
        Assert.Equal(1, _seat.Vault.Count);
    }

    [Fact]
    public async Task N7_A_definite_failure_writes_no_marker_and_the_retry_gives_a_valid_share()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.NotWritten);
        Assert.Equal("disk_full", (await _seat.AskAsync(new SeatRequest.SignShare(package))).FaultCode());
        Assert.Equal(2, (await _seat.ManifestsAsync()).Length);
        Assert.Equal(package.ComputeHash(), _seat.Vault.Holding(_seat.Address)!.BoundTo);

        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        Assert.True(_seat.Verifies(package, share));
        Assert.Equal(3, (await _seat.ManifestsAsync()).Length);
        Assert.Equal(0, _seat.Vault.Count);
    }

    [Fact]
    public async Task N7_After_a_definite_failure_the_nonce_serves_no_other_package()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.NotWritten);
        _seat.Journal.Next(Fate.NotWritten);
        await _seat.AskAsync(new SeatRequest.SignShare(package));
        await _seat.AskAsync(new SeatRequest.SignShare(package));

        SigningPackage another = _seat.Package(1, _seat.Vault.Holding(_seat.Address)!.Commitment);
        Assert.Equal("consumed_nonce_replay", (await _seat.AskAsync(new SeatRequest.SignShare(another))).RefusalCode());
        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task N7_An_unknown_outcome_that_was_written_is_answered_from_the_journal()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        SigningPackage another = _seat.Package(1, _seat.Vault.Holding(_seat.Address)!.Commitment);
        _seat.Journal.Next(Fate.UnknownAndWritten);
        Assert.Equal("connection_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).FaultCode());
        Assert.Null(_seat.Vault.Holding(_seat.Address));

        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
        Assert.Equal("consumed_nonce_replay", (await _seat.AskAsync(new SeatRequest.SignShare(another))).RefusalCode());
        Assert.Single(await _seat.ManifestsAsync(), "signing-session.share-produced.v1");
    }

    [Fact]
    public async Task N7_An_unknown_outcome_that_was_not_written_costs_the_nonce_and_a_newer_attempt_works()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.UnknownAndNotWritten);
        Assert.Equal("connection_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).FaultCode());
        Assert.Null(_seat.Vault.Holding(_seat.Address));

        Assert.Equal("nonce_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
        Assert.Equal("nonce_lost", (await _seat.AskAsync(_seat.Commit(1))).RefusalCode());
        SigningPackage newer = await _seat.JoinAsync(2);
        Assert.True(_seat.Verifies(newer, (await _seat.AskAsync(new SeatRequest.SignShare(newer))).Share()));
    }

    [Theory]
    [InlineData(nameof(Fate.UnknownAndWritten))]
    [InlineData(nameof(Fate.UnknownAndNotWritten))]
    [InlineData(nameof(Fate.NotWritten))]
    public async Task N7_A_commitment_whose_append_did_not_surely_succeed_leaves_no_nonce_behind(string fate)
    {
        _seat.Journal.Next(Enum.Parse<Fate>(fate));
        Assert.All(await _seat.AskAllAsync(_seat.Open(), _seat.Commit(1)), static answer => Assert.IsType<SeatAnswer.Failed>(answer));
        Assert.Equal(0, _seat.Vault.Count);

        SigningPackage package = await _seat.JoinAsync(2);
        Assert.True(_seat.Verifies(package, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share()));
    }

    [Fact]
    public async Task N7_A_rival_who_writes_first_is_obeyed_and_the_share_does_not_leave()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        using SeatBench rival = _seat.OnAnotherNode();
        _seat.Journal.OvertakeNext(() => rival.AskAsync(new SeatRequest.Abort(AbortReason.Requested)));

        Assert.Equal("session_aborted", (await _seat.AskAsync(new SeatRequest.SignShare(package))).RefusalCode());
        Assert.Equal(3, (await _seat.ManifestsAsync()).Length);
    }

    [Fact]
    public async Task N7_A_rival_who_does_not_stop_writing_is_reported_as_contention()
    {
        await _seat.AskAsync(_seat.Open());
        using SeatBench rival = _seat.OnAnotherNode();
        for (int number = 1; number <= 5; number++)
        {
            int stolen = number;
            _seat.Journal.OvertakeNext(() => rival.AskAsync(rival.Commit(stolen)));
        }

        Assert.Equal("journal_contended", (await _seat.AskAsync(_seat.Commit(9))).FaultCode());
        Assert.Equal(0, _seat.Vault.Count);
        Assert.True((await _seat.AskAsync(_seat.Commit(9))).Commitment().IsValid());
    }

    [Fact]
    public async Task D1_A_durable_share_is_served_while_the_journal_fails_in_the_same_message_and_later()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        int appends = _seat.Journal.Appends;
        _seat.Journal.IsDown = true;

        IReadOnlyList<SeatAnswer> together = await _seat.AskAllAsync(new SeatRequest.SignShare(package), _seat.Commit(2));
        Assert.Equal(share, together[0].Share());
        Assert.Equal("disk_full", together[1].FaultCode());
        Assert.Equal(appends + 1, _seat.Journal.Appends);
        Assert.Equal(share, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share());
        Assert.Equal(appends + 1, _seat.Journal.Appends);
    }

    [Fact]
    public async Task D1_Nothing_that_rests_on_a_failed_write_is_answered()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.IsDown = true;
        IReadOnlyList<SeatAnswer> answers = await _seat.AskAllAsync(
            new SeatRequest.SignShare(package),
            new SeatRequest.SignShare(package),
            _seat.Commit(1),
            _seat.Commit(2),
            new SeatRequest.Abort(AbortReason.Requested));
        Assert.All(answers, static answer => Assert.Equal("disk_full", answer.FaultCode()));
        Assert.Equal(2, (await _seat.ManifestsAsync()).Length);
        Assert.NotNull(_seat.Vault.Holding(_seat.Address));
    }

    [Fact]
    public async Task D2_A_failed_write_of_one_session_disturbs_no_other()
    {
        using SeatBench other = _seat.ForSession("s2");
        SigningPackage package = await _seat.JoinAsync(1);
        SigningPackage others = await other.JoinAsync(1);
        Share durable = (await other.AskAsync(new SeatRequest.SignShare(others))).Share();
        SigningPackage live = await other.JoinAsync(2);

        _seat.Journal.Next(Fate.UnknownAndNotWritten);
        Assert.Equal("connection_lost", (await _seat.AskAsync(new SeatRequest.SignShare(package))).FaultCode());

        Assert.Equal(durable, (await other.AskAsync(new SeatRequest.SignShare(others))).Share());
        Assert.True(other.Verifies(live, (await other.AskAsync(new SeatRequest.SignShare(live))).Share()));
    }

    [Fact]
    public async Task D3_A_newer_attempt_that_is_refused_leaves_the_old_one_signable()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        AttemptContext newer = _seat.Attempt(2);
        (SeatRequest Request, string Code)[] refused =
        [
            (new SeatRequest.Commit(newer with { Number = 3 }), "attempt_id_mismatch"),
            (
                new SeatRequest.Commit(AttemptContext.Derive(_seat.Session, _seat.Request, 2, SeatSet.Of(new SeatId(1), new SeatId(2)))),
                "attempt_context_invalid"),
            (new SeatRequest.Commit(AttemptContext.Derive(_seat.Session, _seat.Request, 2, SeatSet.Of(_seat.Address.Seat))), "attempt_context_invalid"),
            (new SeatRequest.Commit(AttemptContext.Derive(_seat.Session, _seat.Request, 2, SeatSet.All(4))), "attempt_context_invalid"),
            (new SeatRequest.Commit(AttemptContext.Derive(_seat.Session, _seat.Request, 0, _seat.Group.Public.Seats)), "attempt_context_invalid"),
        ];
        foreach ((SeatRequest request, string code) in refused)
        {
            Assert.Equal(code, (await _seat.AskAsync(request)).RefusalCode());
        }

        _seat.Journal.Next(Fate.NotWritten);
        Assert.Equal("disk_full", (await _seat.AskAsync(_seat.Commit(2))).FaultCode());
        _seat.Journal.Next(Fate.UnknownAndNotWritten);
        Assert.Equal("connection_lost", (await _seat.AskAsync(_seat.Commit(2))).FaultCode());

        Share share = (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share();
        Assert.True(_seat.Verifies(package, share));
        Assert.Equal(share, (await _seat.AskAsync(new SeatRequest.SignShare(package))).Share());
    }

    [Fact]
    public async Task Requests_of_one_message_are_decided_in_order_and_appended_at_once()
    {
        SeatAnswer[] answers = [.. await _seat.AskAllAsync(_seat.Commit(1), _seat.Open(), _seat.Open(), _seat.Commit(1), _seat.Commit(2))];
        Assert.Equal("session_not_found", answers[0].RefusalCode());
        answers[1].IsAcknowledged();
        answers[2].IsAcknowledged();
        Assert.NotEqual(answers[3].Commitment(), answers[4].Commitment());
        Assert.Equal(1, _seat.Journal.Appends);
        string[] manifests = await _seat.ManifestsAsync();
        Assert.Equal(3, manifests.Length);
        Assert.Equal(answers[4].Commitment(), _seat.Vault.Holding(_seat.Address)!.Commitment);

        SigningPackage package = _seat.Package(2, answers[4].Commitment());
        answers = [.. await _seat.AskAllAsync(new SeatRequest.SignShare(package), _seat.Commit(3))];
        Assert.True(_seat.Verifies(package, answers[0].Share()));
        Assert.Equal(answers[1].Commitment(), _seat.Vault.Holding(_seat.Address)!.Commitment);
        Assert.Equal(2, _seat.Journal.Appends);
    }

    [Fact]
    public async Task A_share_and_the_next_commitment_that_fail_together_are_both_had_by_asking_again()
    {
        SigningPackage package = await _seat.JoinAsync(1);
        _seat.Journal.Next(Fate.NotWritten);
        Assert.All(
            await _seat.AskAllAsync(new SeatRequest.SignShare(package), _seat.Commit(2)), static answer => Assert.Equal("disk_full", answer.FaultCode()));
        IReadOnlyList<SeatAnswer> answers = await _seat.AskAllAsync(new SeatRequest.SignShare(package), _seat.Commit(2));
        Assert.True(_seat.Verifies(package, answers[0].Share()));
        SigningPackage next = _seat.Package(2, answers[1].Commitment());
        Assert.True(_seat.Verifies(next, (await _seat.AskAsync(new SeatRequest.SignShare(next))).Share()));
    }

    [Fact]
    public async Task What_is_not_a_message_or_too_long_a_one_is_refused_without_a_write()
    {
        ReadOnlyMemory<byte> reply = await _seat.SendAsync("[{\"type\":\"open\"}] "u8.ToArray());
        Assert.Contains("malformed_message", System.Text.Encoding.UTF8.GetString(reply.Span), StringComparison.Ordinal);
        IReadOnlyList<SeatAnswer> answers = await _seat.AskAllAsync([.. Enumerable.Repeat(_seat.Open(), 9)]);
        Assert.Equal("too_many_requests", Assert.Single(answers).RefusalCode());
        Assert.Equal(0, _seat.Journal.Appends);
    }
}
