using System.Collections.Immutable;
using System.Globalization;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.Guardian.GuardianEvent, SignerCluster.Protocol.Guardian.GuardianEffect, SignerCluster.Protocol.Guardian.GuardianReply>;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>Given, when, then for a guardian, the coordinator's or a seat's.</summary>
internal sealed class GuardianSpecification
{
    internal const ulong Start = 1_000_000;

    /// <summary>100 sat at once and 1 a second; a delay of 1000 s.</summary>
    internal static readonly GuardianRules Rules = new(new LimiterWindow("hour", 100, 1), MaximumAge: 1800, MaximumSkew: 300, LooseningDelay: 1000);
    internal static readonly GroupId Group = new(Party.Hash("group"));
    private Decision? _decision;

    internal ulong Now { get; private set; } = Start;

    internal ImmutableList<GuardianEvent> History { get; private set; } = [];

    internal GuardianState State => History.Aggregate(GuardianDecider.Initial(Group), GuardianDecider.Decider.Evolve);

    internal IReadOnlyList<GuardianRecord> Chain => [.. History.OfType<GuardianEvent.Recorded>().Select(static recorded => recorded.Record)];

    internal GuardianReply Reply => Assert.IsType<Decision.Accepted>(_decision).Reply;

    internal Refusal Refusal => Assert.IsType<Decision.Refused>(_decision).Refusal;

    internal GuardianRecord.WithdrawalAccepted Accepted => Assert.IsType<GuardianReply.Admitted>(Reply).Withdrawal;

    internal GuardianView View => GuardianView.Of(State, Now);

    internal static GuardianSpecification Guarded(GuardianRules? rules = null) =>
        new GuardianSpecification().When(new GuardianCommand.Configure(rules ?? Rules)).ThenAccepted();

    internal static SessionId Id(int number) => SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"w{number}"));

    internal static Bytes32 Txid(int number) => Party.Hash(string.Create(CultureInfo.InvariantCulture, $"transaction {number}"));

    internal GuardianSpecification At(ulong now)
    {
        Now = now;
        return this;
    }

    internal GuardianSpecification After(ulong seconds) => At(Now + seconds);

    internal GuardianSpecification WhenWithdrawn(int number, ulong debit, ulong? timestamp = null, int? txid = null) =>
        When(new GuardianCommand.Withdraw(Id(number), Txid(txid ?? number), debit, timestamp));

    internal GuardianSpecification When(GuardianCommand command)
    {
        GuardianState before = State;
        _decision = GuardianDecider.Decide(before, new GuardianAsked(command, Now));
        History = _decision is Decision.Accepted accepted ? History.AddRange(accepted.Events) : History;
        return this;
    }

    internal GuardianSpecification ThenAccepted()
    {
        Assert.IsType<Decision.Accepted>(_decision);
        return this;
    }

    internal GuardianSpecification ThenRefused(string code)
    {
        Assert.Equal(code, Refusal.Code);
        return this;
    }

    internal GuardianSpecification ThenNothingIsWritten()
    {
        Assert.Empty(Assert.IsType<Decision.Accepted>(_decision).Events);
        return this;
    }

    /// <summary>A seat's guardian is told the chain of a coordinator's.</summary>
    internal GuardianSpecification WhenTold(params IReadOnlyList<GuardianRecord> records) => When(new GuardianCommand.Fold(records));

    internal GuardianSpecification ThenFolded(long next, string? why = null)
    {
        GuardianReply.Folded folded = Assert.IsType<GuardianReply.Folded>(Reply);
        Assert.Equal(why, folded.Why?.Code);
        Assert.Equal(next, folded.Next);
        Assert.Equal(State.Head, folded.Head);
        return this;
    }
}
