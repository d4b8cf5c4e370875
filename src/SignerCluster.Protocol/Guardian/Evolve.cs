using System.Diagnostics;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// How each event changes a guardian. Trusts history, but for the chain: a record that is not linked to the one before was never written by us (G9).
/// </summary>
internal static class GuardianEvolution
{
    internal static GuardianState Evolve(GuardianState state, GuardianEvent @event) => @event switch
    {
        GuardianEvent.Recorded recorded when recorded.Record.Position == state.Position && recorded.Record.Previous == state.Head =>
            Link(Apply(state, recorded.Record, recorded.NotedAt), recorded.Record),
        GuardianEvent.Stopped stopped => state with { StoppedBecause = stopped.Reason },
        GuardianEvent.Resumed => state with { StoppedBecause = null },
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot follow record {state.Position - 1} of the chain."),
    };

    private static GuardianState Link(GuardianState state, GuardianRecord record)
    {
        Bytes32 head = record.ComputeHash();
        return state with { Head = head, Position = state.Position + 1, LastAt = record.At, Log = state.Log.With(head) };
    }

    private static GuardianState Apply(GuardianState state, GuardianRecord record, ulong notedAt) => (state, record) switch
    {
        ({ Rules: null }, GuardianRecord.RulesSet set) =>
            state with { Rules = set.Rules, Limiter = Limiter.Full(set.Rules.Windows) with { LastUpdated = set.At } },
        (_, GuardianRecord.RulesSet set) => Adopt(state, set.Rules, set.At),
        ({ Rules: { } rules }, GuardianRecord.LooseningAnnounced announced) => state with
        {
            Announced = new Loosening(announced.Rules, announced.At + rules.LooseningDelay, notedAt + rules.LooseningDelay),
        },
        ({ Announced: { } announced }, GuardianRecord.LooseningApplied applied) => Adopt(state, announced.Rules, applied.At),
        ({ Rules: { } rules, Limiter: { } limiter }, GuardianRecord.WithdrawalAccepted withdrawal) => state with
        {
            Limiter = new Limiter(withdrawal.After, withdrawal.At, limiter.NextSequence + 1),
            Spent = state.Spent.With(withdrawal),
            Withdrawals = state.Withdrawals.With(new KnownWithdrawal(withdrawal, notedAt > withdrawal.At && notedAt - withdrawal.At > rules.MaximumAge)
            {
                SpentBefore = state.Spent.On(withdrawal.At),
            }),
        },
        (_, GuardianRecord.Frozen frozen) => state with { FrozenBecause = frozen.Reason },
        (_, GuardianRecord.Unfrozen) => state with { FrozenBecause = null },
        _ => throw new UnreachableException($"A {record.GetType().Name} cannot be record {state.Position} of the chain."),
    };

    private static GuardianState Adopt(GuardianState state, GuardianRules rules, ulong at) => state with
    {
        Limiter = state.Limiter!.Adopt(state.Rules!.Windows, rules.Windows, at),
        Rules = rules,
        Announced = null,
    };
}
