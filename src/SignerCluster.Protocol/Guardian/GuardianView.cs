using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>A guardian as people see it.</summary>
/// <param name="Rules">Null while the group has no guardian.</param>
/// <param name="Announced">Rules that will allow more; null when none are announced.</param>
/// <param name="AnnouncedFrom">Unix seconds from which they hold; null when none are announced.</param>
/// <param name="Tokens">Satoshis that each window holds now, in the order of the rules; null while there is no guardian.</param>
/// <param name="NextSequence">The number of the next withdrawal.</param>
/// <param name="Records">How many records the chain has.</param>
/// <param name="Head">The hash of the last one.</param>
/// <param name="FrozenBecause">Null unless the group is frozen.</param>
/// <param name="StoppedBecause">Null unless this party has stopped its part.</param>
public sealed record GuardianView(
    GuardianRules? Rules,
    GuardianRules? Announced,
    ulong? AnnouncedFrom,
    Batch<ulong>? Tokens,
    ulong NextSequence,
    long Records,
    Bytes32 Head,
    string? FrozenBecause,
    string? StoppedBecause)
{
    internal static GuardianView Of(GuardianState state, ulong now)
    {
        GuardianChain chain = new(state, now);
        chain.ApplyDue(now);
        GuardianState due = chain.State;
        return new GuardianView(
            due.Rules,
            due.Announced?.Rules,
            due.Announced?.HoldsFrom,
            due.Rules is null ? null : due.Limiter!.TokensAt(due.Rules.Windows, now),
            due.Limiter?.NextSequence ?? 0,
            state.Position,
            state.Head,
            due.FrozenBecause,
            due.StoppedBecause);
    }

    /// <summary>
    /// The first unix second at which every window holds an amount, if nothing is withdrawn before; null when that never comes. At present if
    /// <paramref name="now"/> will do.
    /// </summary>
    public ulong? AvailableAt(ulong amount, ulong now)
    {
        ulong? seconds = 0;
        for (int index = 0; Rules is not null && index < Rules.Windows.Count; index++)
        {
            seconds = Rules.Windows[index].SecondsUntil(Tokens![index], amount) is { } wait && seconds is { } longest ? Math.Max(wait, longest) : null;
        }

        return seconds > ulong.MaxValue - now ? null : now + seconds;
    }
}
