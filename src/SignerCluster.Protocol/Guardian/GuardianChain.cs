using System.Diagnostics;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.Guardian.GuardianEvent, SignerCluster.Protocol.Guardian.GuardianEffect, SignerCluster.Protocol.Guardian.GuardianReply>;

namespace SignerCluster.Protocol.Guardian;

/// <summary>The chain while one command adds to it.</summary>
internal sealed class GuardianChain(GuardianState state, ulong now)
{
    /// <summary>How far the first record of a chain may be ahead of a party's clock, before there are rules that say it.</summary>
    private const ulong FirstSkew = 300;
    private readonly List<GuardianRecord> _added = [];

    internal GuardianState State { get; private set; } = state;

    internal void Add(GuardianRecord record)
    {
        State = GuardianEvolution.Evolve(State, new GuardianEvent.Recorded(record, now));
        _added.Add(record);
    }

    /// <summary>Records that announced rules hold, where at this time they do, from the second on at which they began to.</summary>
    internal void ApplyDue(ulong at)
    {
        if (State.Announced is { } announced && at >= announced.HoldsFrom && now >= announced.NotedUntil)
        {
            Add(new GuardianRecord.LooseningApplied(State.Position, Math.Max(announced.HoldsFrom, State.LastAt), State.Head));
        }
    }

    internal Decision.Accepted Accept(GuardianReply reply) => new(
        [.. _added.Select(record => new GuardianEvent.Recorded(record, now))],
        _added.Count == 0 ? [] : [new GuardianEffect.Publish(State.Position, [.. _added])],
        reply);

    /// <summary>Why the record is further ahead of this party's clock than its rules allow; null when it is not.</summary>
    internal Refusal? JudgeTime(GuardianRecord record)
    {
        ulong latest = now + (State.Rules?.MaximumSkew ?? FirstSkew);
        return record.At > latest ? GuardianRefusals.TooNew(record.At, latest) : null;
    }

    /// <summary>Why this party would not have made the record; null when it would have made exactly this one.</summary>
    internal Refusal? Judge(GuardianRecord record) => record switch
    {
        _ when record.Position != State.Position => GuardianRefusals.Behind(State.Position, record.Position),
        _ when record.Previous != State.Head => Diverged(record, "previous", State.Head, record.Previous),
        _ when record.At < State.LastAt => Diverged(record, "at", State.LastAt, record.At),
        GuardianRecord.RulesSet set => JudgeRules(set),
        _ when State.Rules is null => Diverged(record, "kind", nameof(GuardianRecord.RulesSet), record.GetType().Name),
        GuardianRecord.LooseningAnnounced announced => announced.Rules.Check(),
        GuardianRecord.LooseningApplied applied => JudgeLoosening(applied),
        GuardianRecord.WithdrawalAccepted withdrawal => JudgeWithdrawal(withdrawal),
        GuardianRecord.Frozen { Reason: var reason } => JudgeReason(record, reason),
        GuardianRecord.Unfrozen { Reason: var reason } => JudgeReason(record, reason),
        _ => throw new UnreachableException(record.GetType().Name),
    };

    private static Refusal? JudgeReason(GuardianRecord record, string reason) =>
        GuardianDecider.IsReason(reason) ? null : Diverged(record, "reason", "text", $"{reason.Length} characters");

    private Refusal? JudgeRules(GuardianRecord.RulesSet set)
    {
        bool isLooser = State.Rules is { } present && set.Rules.IsLooserThan(present);
        return set.Rules.Check() ?? (isLooser ? Diverged(set, "rules", "none that allow more", "looser rules") : null);
    }

    /// <summary>The delay has to pass by this party's clock too: nobody else can say that it heard of the change earlier.</summary>
    private Refusal? JudgeLoosening(GuardianRecord.LooseningApplied applied) => State.Announced switch
    {
        null => Diverged(applied, "kind", "no loosening", "loosening"),
        { } announced when applied.At < announced.HoldsFrom => Diverged(applied, "at", announced.HoldsFrom, applied.At),
        { } announced when now < announced.NotedUntil => GuardianRefusals.TooEarly(announced.NotedUntil),
        _ => null,
    };

    private Refusal? JudgeWithdrawal(GuardianRecord.WithdrawalAccepted withdrawal)
    {
        Limiter? after = State.Limiter!.TryConsume(State.Rules!.Windows, withdrawal.Sequence, withdrawal.At, withdrawal.Debit, out Refusal? refusal);
        return withdrawal switch
        {
            _ when State.Withdrawals.Find(withdrawal.Id) is not null => Diverged(withdrawal, "id", "a new one", withdrawal.Id),
            _ when State.Withdrawals.IdOf(withdrawal.Txid) is { } id => Diverged(withdrawal, "txid", "a new one", id),
            { Debit: 0 } => Diverged(withdrawal, "debit", "1 or more", 0),
            _ when State.FrozenBecause is { } reason => GuardianRefusals.Frozen(reason),
            _ when after is null => refusal,
            _ when after.Tokens != withdrawal.After =>
                Diverged(withdrawal, "after", string.Join(',', after.Tokens), string.Join(',', withdrawal.After)),
            _ => null,
        };
    }

    private static Refusal Diverged(GuardianRecord record, string what, object expected, object actual) =>
        GuardianRefusals.Diverged(record.Position, what, expected, actual);
}
