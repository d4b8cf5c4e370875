using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>The coordinator's entity over a journal that fails and is shared; its seats are played by the test.</summary>
public sealed class CoordinatorEntityTests : IDisposable
{
    private readonly TestGroup _group = new(2, 3);
    private readonly FaultyJournal _journal = new();
    private readonly ManualTime _time = new();
    private readonly Dictionary<SeatId, SecretNonce> _nonces = [];
    private readonly List<CoordinatorEffect> _effects = [];

    private CoordinatorAddress Session => new(_group.Id, SessionId.Parse("s1"));

    public void Dispose()
    {
        foreach (SecretNonce nonce in _nonces.Values)
        {
            nonce.Dispose();
        }

        _group.Dispose();
    }

    [Fact]
    public async Task D4_The_signature_is_answered_and_announced_only_when_its_marker_is_durable()
    {
        CoordinatorEntity entity = Activate();
        CoordinatorCommand last = await BeginAsync(entity);
        _effects.Clear();
        (Gate arrived, Gate release) = _journal.HoldNext();
        Task<CoordinatorAnswer> finishing = SendAsync(entity, last);
        await arrived.WaitAsync();
        Assert.False(finishing.IsCompleted);
        Assert.Empty(_effects);
        release.Open();
        AssertSigned(await finishing);
        Assert.Contains(_effects, static effect => effect is CoordinatorEffect.Announce);
    }

    [Theory]
    [InlineData(nameof(Fate.NotWritten))]
    [InlineData(nameof(Fate.UnknownAndNotWritten))]
    [InlineData(nameof(Fate.UnknownAndWritten))]
    public async Task D4_A_completion_whose_append_failed_is_had_by_reporting_again(string fate)
    {
        CoordinatorEntity entity = Activate();
        CoordinatorCommand last = await BeginAsync(entity);
        _effects.Clear();
        _journal.Next(Enum.Parse<Fate>(fate));
        Assert.IsType<CoordinatorAnswer.Failed>(await SendAsync(entity, last));
        Assert.Empty(_effects);
        AssertSigned(await SendAsync(entity, last));
        Assert.Equal(1, await CompletionsAsync());
    }

    [Fact]
    public async Task A4_An_activation_that_knows_less_than_the_one_that_asked_reads_the_journal_before_it_judges_a_report()
    {
        CoordinatorEntity stale = Activate();
        await SendAsync(stale, new CoordinatorCommand.Sign(_group.Request(1)));
        CoordinatorCommand last = await BeginAsync(Activate());
        long version = await _journal.ReadVersionAsync(EntityAddress.Of(Session), CancellationToken.None);

        AssertSigned(await SendAsync(stale, Assert.IsType<CoordinatorCommand.SeatAnswered>(last) with { AskedAt = version }));

        Assert.Equal(1, await CompletionsAsync());
    }

    [Fact]
    public async Task D4_Two_racers_over_one_journal_give_one_completion_and_equal_answers()
    {
        CoordinatorEntity first = Activate();
        CoordinatorCommand last = await BeginAsync(first);
        CoordinatorEntity second = Activate();
        await SendAsync(second, new CoordinatorCommand.Show());
        _effects.Clear();
        CoordinatorAnswer? rival = null;
        _journal.OvertakeNext(async () => rival = await SendAsync(second, last));

        CoordinatorAnswer loser = await SendAsync(first, last);
        AssertSigned(loser);
        Assert.Equal(rival, loser);
        Assert.Equal(1, await CompletionsAsync());
        Assert.Single(_effects, static effect => effect is CoordinatorEffect.Announce);
    }

    [Fact]
    public async Task D4_After_a_restart_the_signature_is_read_and_never_made_again()
    {
        CoordinatorEntity entity = Activate();
        CoordinatorCommand last = await BeginAsync(entity);
        CoordinatorAnswer answer = await SendAsync(entity, last);
        int appends = _journal.Appends;

        CoordinatorEntity restarted = Activate();
        _effects.Clear();
        Assert.Equal(answer, await SendAsync(restarted, last));
        Assert.Equal(answer, await SendAsync(restarted, new CoordinatorCommand.Sign(_group.Request(1))));
        Assert.Equal(answer, await SendAsync(restarted, new CoordinatorCommand.Abort(AbortReason.Requested)));
        Assert.Equal(
            "session_conflict",
            Assert.IsType<CoordinatorAnswer.Refused>(await SendAsync(restarted, new CoordinatorCommand.Sign(_group.Request(2)))).Refusal.Code);
        Assert.Equal(appends, _journal.Appends);
        Assert.True(restarted.IsIdle);
        Assert.Empty(_effects);
    }

    [Fact]
    public async Task D8_A_takeover_asks_again_for_what_is_owed()
    {
        await BeginAsync(Activate());
        _effects.Clear();
        CoordinatorEntity successor = Activate();
        Assert.IsType<CoordinatorReply.Running>(Assert.IsType<CoordinatorAnswer.Granted>(await SendAsync(successor, new CoordinatorCommand.Show())).Reply);
        CoordinatorEffect.AskSeat owed = Assert.Single(_effects.OfType<CoordinatorEffect.AskSeat>(), static ask => ask.Requests[0] is SeatRequest.SignShare);
        Assert.Equal(new SeatId(1), owed.Seat.Seat);
    }

    private CoordinatorEntity Activate() =>
        new(Session, _journal, _ => _group.Standing, (effects, _) => _effects.AddRange(effects), SealedStores.NoQuarantine, _time);

    /// <summary>Runs the session up to its last share, and returns the report of that.</summary>
    private async Task<CoordinatorCommand> BeginAsync(CoordinatorEntity entity)
    {
        SigningRequest request = _group.Request(1);
        await SendAsync(entity, new CoordinatorCommand.Sign(request));
        AttemptContext attempt = AttemptContext.Derive(Session.Session, request, 1, _group.Public.Seats);
        foreach (SeatId seat in (SeatId[])[new(0), new(1)])
        {
            _nonces[seat] = _group.DrawNonce();
            await SendAsync(entity, Answered(seat, new SeatReply.Joined(attempt.Id, _nonces[seat].Commitment)));
        }

        SigningPackage package =
            _effects.OfType<CoordinatorEffect.AskSeat>().SelectMany(static ask => ask.Requests).OfType<SeatRequest.SignShare>().First().Package;
        SessionValues values = package.Values(_group.Public).Value;
        CoordinatorCommand[] reports =
            [.. _nonces.Select(held => Answered(held.Key, new SeatReply.Signed(attempt.Id, Signing.Sign(held.Value, _group.ShareOf(held.Key), values).Value)))];
        await SendAsync(entity, reports[0]);
        return reports[1];
    }

    private static CoordinatorCommand.SeatAnswered Answered(SeatId seat, SeatReply reply) => new(seat, [new SeatAnswer.Granted(reply)]);

    private static async Task<CoordinatorAnswer> SendAsync(CoordinatorEntity entity, CoordinatorCommand command)
    {
        ReadOnlyMemory<byte> reply = await entity.HandleAsync(Message.Encode(command, WireJson.Default.CoordinatorCommand), CancellationToken.None);
        return Message.TryDecode(reply.Span, WireJson.Default.CoordinatorAnswer, out CoordinatorAnswer? answer, out Refusal? malformed)
            ? answer
            : throw new FormatException(malformed.ToString());
    }

    private void AssertSigned(CoordinatorAnswer answer)
    {
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        Assert.True(Bip340.Verify(done.OutputKey, _group.Request(1).Message.AsSpan(), done.Signature));
    }

    private async Task<int> CompletionsAsync() =>
        (await _journal.ManifestsAsync(EntityAddress.Of(Session))).Count(static manifest => manifest == "roast.session-completed.v1");
}
