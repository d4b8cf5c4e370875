using System.Diagnostics;
using SignerCluster.Protocol.Policy;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.Guardian.GuardianEvent, SignerCluster.Protocol.Guardian.GuardianEffect, SignerCluster.Protocol.Guardian.GuardianReply>;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// Decides what a group may sign at all: how fast, and each withdrawal once. The coordinator's guardian makes the chain of records, every seat's guardian folds
/// it and believes nothing in it that it would not have decided itself; so nothing that the coordinator says gets a share for what t seats do not accept.
/// </summary>
public static class GuardianDecider
{
    /// <summary>The most withdrawals in one answer.</summary>
    public const int MaximumPage = 1000;

    public static Decider<GuardianState, GuardianAsked, GuardianEvent, GuardianEffect, GuardianReply> Decider { get; } =
        new(Decide, GuardianEvolution.Evolve, static state => [new GuardianEffect.Publish(state.Position, [])], static state => state.Rules is not null);

    public static GuardianState Initial(GroupId group) => GuardianState.Start(group);

    public static Decision Decide(GuardianState state, GuardianAsked asked) => asked.Command switch
    {
        GuardianCommand.Withdraw withdraw => Withdraw(state, withdraw, asked),
        GuardianCommand.Configure or GuardianCommand.Unfreeze when asked.IsLone && state.Rules is not null => Decision.Refuse(GuardianRefusals.TimeUnshared),
        GuardianCommand.Configure configure => Configure(state, configure.Rules, asked.Now),

        // A freeze waits for nobody. It may be as early as the record before it.
        GuardianCommand.Freeze freeze => Freeze(state, freeze.Reason, asked.IsLone ? state.LastAt : asked.Now),
        GuardianCommand.Unfreeze unfreeze => Unfreeze(state, unfreeze.Reason, asked.Now),
        GuardianCommand.Fold fold => Fold(state, fold.Records, asked.Now),
        GuardianCommand.Admit admit => Admit(state, admit, asked),
        GuardianCommand.Find find => Find(state, find.Id, static (_, record) => new GuardianReply.Admitted(record)),
        GuardianCommand.Prove prove => Find(state, prove.Id, static (state, record) => new GuardianReply.Proved(record, ProofOf(state.Log, record))),
        GuardianCommand.Stop stop when state.StoppedBecause != stop.Reason =>
            Local(state, stop.Reason, new GuardianEvent.Stopped(stop.Reason, asked.Now), asked.Now),
        GuardianCommand.Resume resume when state.StoppedBecause is not null =>
            Local(state, resume.Reason, new GuardianEvent.Resumed(resume.Reason, asked.Now), asked.Now),
        GuardianCommand.Stop or GuardianCommand.Resume or GuardianCommand.Show => Decision.Accept(Shown(state, asked.Now)),
        GuardianCommand.List list => Decision.Accept(new GuardianReply.Listed(state.Withdrawals.List(list.From, Math.Clamp(list.Limit, 0, MaximumPage)))),
        _ => throw new UnreachableException(asked.Command.GetType().Name),
    };

    /// <summary>Why a recorded event is not what its guardian would have decided; null when it is exactly that. For audits.</summary>
    public static Refusal? Judge(GuardianState before, GuardianEvent.Recorded recorded) => new GuardianChain(before, recorded.NotedAt).Judge(recorded.Record);

    private static Decision Withdraw(GuardianState state, GuardianCommand.Withdraw asked, GuardianAsked facts)
    {
        ulong now = facts.Now;
        if (Closed(state) is { } closed)
        {
            return Decision.Refuse(closed);
        }

        if (state.Withdrawals.Find(asked.Id) is { Record: var known })
        {
            return known.Txid == asked.Txid && known.Debit == asked.Debit
                ? Decision.Accept(new GuardianReply.Admitted(known, state.Withdrawals.Find(known.Id)!.SpentBefore))
                : Decision.Refuse(GuardianRefusals.Conflict(known, asked.Txid, asked.Debit));
        }

        if (state.Withdrawals.IdOf(asked.Txid) is { } taken)
        {
            return Decision.Refuse(GuardianRefusals.TransactionTaken(taken, asked.Txid));
        }

        if (facts.IsLone)
        {
            return Decision.Refuse(GuardianRefusals.TimeUnshared);
        }

        ulong at = asked.Timestamp ?? Math.Max(now, state.LastAt);
        GuardianChain chain = new(state, now);
        chain.ApplyDue(at);
        Refusal? refusal = (asked.Debit == 0 ? GuardianRefusals.AmountInvalid : null)
            ?? CheckTime(chain.State.Rules!, at, now)
            // Also not before a record that debits nothing, such as a freeze: no seat would fold it, or anything after it.
            ?? (at < state.LastAt ? GuardianRefusals.TimeBackwards(state.LastAt, at) : null);
        if (refusal is not null)
        {
            return Decision.Refuse(refusal);
        }

        ulong spent = chain.State.Spent.On(at);
        if (asked.DayLimit is { } dayLimit && PolicyCheck.Day(dayLimit, asked.Debit, spent) is { } above)
        {
            return Decision.Refuse(above);
        }

        GuardianRules rules = chain.State.Rules!;
        Limiter limiter = chain.State.Limiter!;
        if (limiter.TryConsume(rules.Windows, limiter.NextSequence, at, asked.Debit, out refusal) is not { } after)
        {
            return Decision.Refuse(refusal!);
        }

        GuardianRecord.WithdrawalAccepted accepted =
            new(chain.State.Position, at, chain.State.Head, asked.Id, asked.Txid, limiter.NextSequence, asked.Debit, after.Tokens);
        chain.Add(accepted);
        return chain.Accept(new GuardianReply.Admitted(accepted, spent));
    }

    private static Decision Configure(GuardianState state, GuardianRules rules, ulong now)
    {
        GuardianChain chain = new(state, now);
        ulong at = Math.Max(now, state.LastAt);
        chain.ApplyDue(at);
        if (rules.Check() is { } broken)
        {
            return Decision.Refuse(broken);
        }

        GuardianRules? present = chain.State.Rules;
        bool isLoosening = present is not null && rules.IsLooserThan(present);
        if (!isLoosening && (present != rules || chain.State.Announced is not null))
        {
            chain.Add(new GuardianRecord.RulesSet(chain.State.Position, at, chain.State.Head, rules));
        }
        else if (isLoosening && chain.State.Announced?.Rules != rules)
        {
            chain.Add(new GuardianRecord.LooseningAnnounced(chain.State.Position, at, chain.State.Head, rules));
        }

        return chain.Accept(Shown(chain.State, now));
    }

    private static Decision Freeze(GuardianState state, string reason, ulong now) => Record(
        state, reason, now, state.FrozenBecause is null, at => new GuardianRecord.Frozen(state.Position, at, state.Head, reason));

    private static Decision Unfreeze(GuardianState state, string reason, ulong now) => Record(
        state, reason, now, state.FrozenBecause is not null, at => new GuardianRecord.Unfrozen(state.Position, at, state.Head, reason));

    /// <summary>One record for a reason, where it changes anything.</summary>
    private static Decision Record(GuardianState state, string reason, ulong now, bool isChange, Func<ulong, GuardianRecord> record)
    {
        if (state.Rules is null || !IsReason(reason))
        {
            return Decision.Refuse(state.Rules is null ? GuardianRefusals.NoGuardian : GuardianRefusals.ReasonInvalid);
        }

        GuardianChain chain = new(state, now);
        if (isChange)
        {
            chain.Add(record(Math.Max(now, state.LastAt)));
        }

        return chain.Accept(Shown(chain.State, now));
    }

    /// <summary>Takes what it would have decided itself, record after record, and stops at the first that it would not.</summary>
    private static Decision Fold(GuardianState state, IReadOnlyList<GuardianRecord> records, ulong now)
    {
        GuardianChain chain = new(state, now);
        Refusal? why = null;
        foreach (GuardianRecord record in records.SkipWhile(record => record.Position < state.Position))
        {
            why = chain.Judge(record) ?? chain.JudgeTime(record);
            if (why is not null)
            {
                break;
            }

            chain.Add(record);
        }

        return chain.Accept(new GuardianReply.Folded(chain.State.Position, chain.State.Head, why, now));
    }

    private static Decision Admit(GuardianState state, GuardianCommand.Admit admit, GuardianAsked asked) =>
        (Closed(state), state.Withdrawals.Find(admit.Id)) switch
        {
            ({ } closed, _) when closed != GuardianRefusals.NoGuardian => Decision.Refuse(closed),
            (not null, _) => asked.IsProved ? Known(new GuardianReply.Unguarded()) : Decision.Accept(new GuardianReply.Unguarded()),
            _ when !admit.Spends => Known(new GuardianReply.Unguarded()),
            (_, null) => Decision.Refuse(GuardianRefusals.Required),
            (_, { IsStale: true, Record: var stale }) => Decision.Refuse(GuardianRefusals.TooOld(stale.At, stale.At + state.Rules!.MaximumAge)),
            (_, { Record: var record, SpentBefore: var spent }) => Known(new GuardianReply.Admitted(record, spent)),
        };

    /// <summary>
    /// A receipt, given without asking whether somebody else has written since: what was accepted stays accepted. A freeze that only another activation knows
    /// is one of a node that has taken this one's place, so that this one is about to end.
    /// </summary>
    private static Decision.Accepted Known(GuardianReply reply) => new([], [], reply) { IsReceipt = true };

    private static Decision Find(GuardianState state, SessionId id, Func<GuardianState, GuardianRecord.WithdrawalAccepted, GuardianReply> reply) =>
        state.Withdrawals.Find(id) is { Record: var record }
            ? Decision.Accept(reply(state, record))
            : Decision.Refuse(state.Rules is null ? GuardianRefusals.NoGuardian : GuardianRefusals.NotFound(id));

    private static RecordProof ProofOf(MerkleLog log, GuardianRecord record) => new(log.Count, log.Root, log.PathOf(record.Position));

    private static Refusal? Closed(GuardianState state) => state switch
    {
        { StoppedBecause: { } reason } => GuardianRefusals.Stopped(reason),
        { FrozenBecause: { } reason } => GuardianRefusals.Frozen(reason),
        { Rules: null } => GuardianRefusals.NoGuardian,
        _ => null,
    };

    private static Refusal? CheckTime(GuardianRules rules, ulong at, ulong now) => at switch
    {
        _ when at > now && at - now > rules.MaximumSkew => GuardianRefusals.TooNew(at, now + rules.MaximumSkew),
        _ when now > at && now - at > rules.MaximumAge => GuardianRefusals.TooOld(at, now - rules.MaximumAge),
        _ => null,
    };

    internal static bool IsReason(string reason) => reason.Length is >= 1 and <= 200 && !reason.Any(char.IsControl);

    private static GuardianReply.Shown Shown(GuardianState state, ulong now) => new(GuardianView.Of(state, now));

    /// <summary>An event of this party alone, for a reason.</summary>
    private static Decision Local(GuardianState state, string reason, GuardianEvent @event, ulong now) => IsReason(reason)
        ? Decision.Accept(Shown(GuardianEvolution.Evolve(state, @event), now), @event)
        : Decision.Refuse(GuardianRefusals.ReasonInvalid);
}
