using System.Collections.Concurrent;
using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust.Tests;

/// <summary>Who may ask what, what an asker believes, and what is said to nobody.</summary>
public sealed class TrustTests : IDisposable
{
    private static readonly byte[] _question = [1, 2, 3];
    private readonly ManualTime _time = new();
    private readonly TestParties _parties;
    private readonly Answering _alice = new();

    public TrustTests() => _parties = new TestParties(_time);

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task A_coordinators_question_reaches_the_seat_and_the_answer_comes_back()
    {
        IncomingTrust incoming = _parties.Incoming(TestParties.Alice, _alice);
        Assert.Equal([3, 2, 1], await AskAsync(_parties.Outgoing(TestParties.Coordinator, incoming)));
        Assert.Equal([9], await AskAsync(_parties.Outgoing(TestParties.Rival, incoming), [9]));
        Assert.Equal(2, _alice.Asked.Count);
        Assert.Empty(_parties.Tally.Counts);
    }

    [Fact]
    public async Task A_request_that_comes_over_a_link_says_itself_which_entity_is_asked_and_is_answered_once()
    {
        IncomingTrust incoming = _parties.Incoming(TestParties.Alice, _alice);
        byte[] request = await RequestAsync(TestParties.Coordinator, TestParties.Alice, TestParties.Seat(1, 0));
        Assert.False((await incoming.AnswerAsync(request, CancellationToken.None)).IsEmpty);
        Assert.Single(_alice.Asked);
        foreach (byte[] refused in (byte[][])[request, [.. request, 0], [.. "no message"u8], []])
        {
            ExchangeException untrusted = await Assert.ThrowsAsync<ExchangeException>(async () => await incoming.AnswerAsync(refused, CancellationToken.None));
            Assert.Equal(ExchangeException.UntrustedCode, untrusted.Code);
        }

        Assert.Single(_alice.Asked);
    }

    [Theory]
    [InlineData("bob", "seat")]
    [InlineData("alice", "seat")]
    [InlineData("coordinator", "roast")]
    public async Task A_participant_answers_nobody_but_coordinators_and_only_for_seats(string asker, string kind)
    {
        EntityId to = kind == "seat" ? TestParties.Seat(1, 0) : TestParties.Session(1);
        IncomingTrust incoming = _parties.Incoming(TestParties.Alice, _alice);
        await AssertUntrustedAsync(UntrustedReason.NotPermitted, incoming, to, await RequestAsync(PartyName.Parse(asker), TestParties.Alice, to));
    }

    [Theory]
    [InlineData("rival", "roast")]
    [InlineData("alice", "roast")]
    [InlineData("coordinator", "seat")]
    [InlineData("coordinator", "keyring")]
    public async Task A_coordinator_answers_nobody_but_its_own_nodes_and_only_for_sessions(string asker, string kind)
    {
        EntityId to = kind switch { "seat" => TestParties.Seat(1, 0), "roast" => TestParties.Session(1), _ => EntityId.Parse("keyring/journal") };
        IncomingTrust incoming = _parties.Incoming(TestParties.Coordinator, _alice);
        await AssertUntrustedAsync(UntrustedReason.NotPermitted, incoming, to, await RequestAsync(PartyName.Parse(asker), TestParties.Coordinator, to));
        Assert.Equal([3, 2, 1], await AskAsync(_parties.Outgoing(TestParties.Coordinator, incoming), _question, TestParties.Session(1)));
    }

    [Fact]
    public async Task The_host_may_narrow_what_a_role_allows()
    {
        IncomingTrust incoming = new(
            _alice, _parties[TestParties.Alice], static (sender, _) => sender != TestParties.Rival, new ReplayWindow(_parties.Settings, _time), _parties.Tally);
        await AssertUntrustedAsync(
            UntrustedReason.NotPermitted, incoming, TestParties.Seat(1, 0), await RequestAsync(TestParties.Rival, TestParties.Alice, TestParties.Seat(1, 0)));
        Assert.Equal([3, 2, 1], await AskAsync(_parties.Outgoing(TestParties.Coordinator, incoming)));
    }

    [Fact]
    public async Task What_is_not_signed_by_whom_it_names_changes_nothing_and_spoils_nothing()
    {
        EntityId seat = TestParties.Seat(1, 0);
        IncomingTrust incoming = _parties.Incoming(TestParties.Alice, _alice);
        (MessageId id, byte[] forged) = await _parties.Stranger(TestParties.Coordinator)
            .SealRequestAsync(TestParties.Alice, TestParties.Node, seat, _question);
        await AssertUntrustedAsync(UntrustedReason.BadSignature, incoming, seat, forged);

        // A forged message that carries the id of a true one must not make the true one a replay.
        byte[] genuine = await RequestAsync(TestParties.Coordinator, TestParties.Alice, seat);
        byte[] spoiled = [.. genuine];
        spoiled[^1] ^= 1;
        await AssertUntrustedAsync(UntrustedReason.BadSignature, incoming, seat, spoiled);
        await incoming.AskAsync(seat, genuine, CancellationToken.None);
        Assert.Single(_alice.Asked);
        Assert.NotEqual(default, id);
    }

    [Fact]
    public async Task A_message_delivered_elsewhere_than_it_says_is_not_trusted()
    {
        byte[] request = await RequestAsync(TestParties.Coordinator, TestParties.Alice, TestParties.Seat(1, 0));
        await AssertUntrustedAsync(UntrustedReason.OtherEntity, _parties.Incoming(TestParties.Alice, _alice), TestParties.Seat(2, 0), request);
        await AssertUntrustedAsync(UntrustedReason.OtherRecipient, _parties.Incoming(TestParties.Bob, _alice), TestParties.Seat(1, 0), request);
        await AssertUntrustedAsync(UntrustedReason.Malformed, _parties.Incoming(TestParties.Alice, _alice), TestParties.Seat(1, 0), []);
    }

    [Fact]
    public async Task A_replay_is_answered_by_nobody()
    {
        EntityId seat = TestParties.Seat(1, 0);
        IncomingTrust incoming = _parties.Incoming(TestParties.Alice, _alice);
        byte[] request = await RequestAsync(TestParties.Coordinator, TestParties.Alice, seat);
        await incoming.AskAsync(seat, request, CancellationToken.None);
        await AssertUntrustedAsync(UntrustedReason.Replayed, incoming, seat, request, asked: 1);
        _time.Advance(TimeSpan.FromSeconds(30));
        await AssertUntrustedAsync(UntrustedReason.OutOfTime, incoming, seat, request, asked: 1);
    }

    [Fact]
    public async Task No_two_nodes_of_a_party_act_on_one_request()
    {
        EntityId seat = TestParties.Seat(1, 0);
        byte[] request = await RequestAsync(TestParties.Coordinator, TestParties.Alice, seat);
        IncomingTrust second = new(
            _alice, _parties.NodeOf(TestParties.Alice, "node-2"), static (_, _) => true, new ReplayWindow(_parties.Settings, _time), _parties.Tally);
        await AssertUntrustedAsync(UntrustedReason.OtherNode, second, seat, request);
        await _parties.Incoming(TestParties.Alice, _alice).AskAsync(seat, request, CancellationToken.None);
        Assert.Single(_alice.Asked);
    }

    [Fact]
    public async Task A_reply_is_no_request()
    {
        EntityId session = TestParties.Session(1);
        IncomingTrust incoming = _parties.Incoming(TestParties.Coordinator, _alice);
        Correspondent self = _parties[TestParties.Coordinator];
        Assert.True(self.TryOpen(await RequestAsync(TestParties.Coordinator, TestParties.Coordinator, session), out PartyMessage request, out _));
        await AssertUntrustedAsync(UntrustedReason.OtherKind, incoming, session, await self.SealAnswerAsync(MessageKind.Reply, request, session, _question));
    }

    [Fact]
    public async Task A8_A_request_too_many_is_answered_with_a_signed_fault_that_may_pass()
    {
        using TestParties parties = new(_time, new MessageSettings { ReplayCapacity = 1 });
        OutgoingTrust outgoing = parties.Outgoing(TestParties.Coordinator, parties.Incoming(TestParties.Alice, _alice));
        await AskAsync(outgoing);
        ExchangeException full = await Assert.ThrowsAsync<ExchangeException>(() => AskAsync(outgoing));
        Assert.Equal(("overloaded", true), (full.Code, full.IsTransient));
        Assert.Single(_alice.Asked);
    }

    [Fact]
    public async Task A_request_signed_before_the_process_began_is_answered_with_a_signed_fault_that_may_pass()
    {
        EntityId seat = TestParties.Seat(1, 0);
        byte[] early = await RequestAsync(TestParties.Coordinator, TestParties.Alice, seat);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        IncomingTrust restarted = _parties.Incoming(TestParties.Alice, _alice);
        Assert.True(_parties[TestParties.Coordinator].TryOpen(await restarted.AskAsync(seat, early, CancellationToken.None), out PartyMessage answer, out _));
        Assert.Equal(MessageKind.Fault, answer.Kind);
        Assert.Empty(_alice.Asked);
    }

    [Theory]
    [InlineData("overloaded", true, "overloaded")]
    [InlineData("engine_stopped", false, "engine_stopped")]
    [InlineData("Not a code!", true, "entity_failed")]
    public async Task A_fault_of_the_local_engine_arrives_with_its_code_and_transience(string code, bool isTransient, string arrives)
    {
        Answering failing = new() { Fault = new ExchangeException(code, "secret details", isTransient) };
        ExchangeException fault = await Assert.ThrowsAsync<ExchangeException>(
            () => AskAsync(_parties.Outgoing(TestParties.Coordinator, _parties.Incoming(TestParties.Alice, failing))));
        Assert.Equal((arrives, isTransient), (fault.Code, fault.IsTransient));
        Assert.DoesNotContain("secret details", fault.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, UntrustedReason> FalseAnswers => new()
    {
        { "another party", UntrustedReason.OtherParty },
        { "a stranger", UntrustedReason.BadSignature },
        { "another request", UntrustedReason.OtherRequest },
        { "another entity", UntrustedReason.OtherEntity },
        { "our own request", UntrustedReason.OtherRecipient },
        { "a request of theirs", UntrustedReason.OtherKind },
        { "an old answer", UntrustedReason.OutOfTime },
        { "a fault without a code", UntrustedReason.Malformed },
        { "a fault that must not be answered", UntrustedReason.Malformed },
        { "nothing", UntrustedReason.Malformed },
    };

    [Theory]
    [MemberData(nameof(FalseAnswers))]
    public async Task A_false_answer_is_as_good_as_none(string which, UntrustedReason reason)
    {
        Tampering transport = new(bytes => FalsifyAsync(which, bytes));
        ExchangeException untrusted = await Assert.ThrowsAsync<ExchangeException>(() => AskAsync(_parties.Outgoing(TestParties.Coordinator, transport)));
        Assert.Equal((ExchangeException.ReplyUntrustedCode, true), (untrusted.Code, untrusted.IsTransient));
        Assert.Equal(reason, Assert.Single(_parties.Tally.Counts).Key);
    }

    [Fact]
    public async Task An_entity_that_nobody_hosts_is_unroutable_and_a_message_too_long_stays_here()
    {
        OutgoingTrust outgoing = _parties.Outgoing(TestParties.Coordinator, _parties.Incoming(TestParties.Alice, _alice));
        Assert.Equal("unroutable", (await Assert.ThrowsAsync<ExchangeException>(() => AskAsync(outgoing, _question, TestParties.Seat(1, 7)))).Code);
        Assert.Equal(
            "message_too_long", (await Assert.ThrowsAsync<ExchangeException>(() => AskAsync(outgoing, new byte[PartyMessage.MaximumPayloadBytes + 1]))).Code);
        Assert.Empty(_alice.Asked);
    }

    private async Task<byte[]> FalsifyAsync(string which, ReadOnlyMemory<byte> bytes)
    {
        EntityId seat = TestParties.Seat(1, 0);
        Correspondent alice = _parties[TestParties.Alice];
        Assert.True(alice.TryOpen(bytes, out PartyMessage request, out _));
        switch (which)
        {
            case "another party":
                return await _parties[TestParties.Bob].SealAnswerAsync(MessageKind.Reply, request, seat, _question);
            case "a stranger":
                return await _parties.Stranger(TestParties.Alice).SealAnswerAsync(MessageKind.Reply, request, seat, _question);
            case "another request":
                return await alice.SealAnswerAsync(MessageKind.Reply, request with { Id = new MessageId(1) }, seat, _question);
            case "another entity":
                return await alice.SealAnswerAsync(MessageKind.Reply, request, TestParties.Seat(2, 0), _question);
            case "our own request":
                return bytes.ToArray();
            case "a request of theirs":
                return await alice.SealedRequestAsync(TestParties.Coordinator, seat, _question);
            case "an old answer":
                byte[] answer = await alice.SealAnswerAsync(MessageKind.Reply, request, seat, _question);
                _time.Advance(TimeSpan.FromSeconds(30));
                return answer;
            case "a fault without a code":
                return await alice.SealAnswerAsync(MessageKind.Fault, request, seat, new byte[] { 1 });
            case "a fault that must not be answered":
                return await alice.SealAnswerAsync(MessageKind.Fault, request, seat, (byte[])[1, .. "untrusted"u8]);
            default:
                return [];
        }
    }

    private Task<byte[]> RequestAsync(PartyName sender, PartyName recipient, EntityId to) => _parties[sender].SealedRequestAsync(recipient, to, _question);

    private static async Task<byte[]> AskAsync(IExchange engine, byte[]? question = null, EntityId? to = null) =>
        (await engine.AskAsync(to ?? TestParties.Seat(1, 0), question ?? _question, CancellationToken.None)).ToArray();

    private async Task AssertUntrustedAsync(UntrustedReason reason, IncomingTrust incoming, EntityId to, byte[] request, int asked = 0)
    {
        long before = _parties.Tally.Counts.GetValueOrDefault(reason);
        ExchangeException refused = await Assert.ThrowsAsync<ExchangeException>(async () => await incoming.AskAsync(to, request, CancellationToken.None));
        Assert.Equal((ExchangeException.UntrustedCode, false), (refused.Code, refused.IsTransient));
        Assert.Equal(before + 1, _parties.Tally.Counts.GetValueOrDefault(reason));
        Assert.Equal(asked, _alice.Asked.Count);
    }

    /// <summary>Remembers what it was asked and answers it backwards.</summary>
    private sealed class Answering : IExchange
    {
        internal ConcurrentQueue<byte[]> Asked { get; } = new();

        internal ExchangeException? Fault { get; init; }

        public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            Asked.Enqueue(request.ToArray());
            byte[] answer = [.. request.ToArray().Reverse()];
            return Fault is null ? new(answer) : throw Fault;
        }
    }

    private sealed class Tampering(Func<ReadOnlyMemory<byte>, Task<byte[]>> falsify) : IExchange
    {
        public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
            await falsify(request);
    }
}
