using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>A guardian: the coordinator's, whose chain it is, or one seat's, which folds the same chain for itself.</summary>
/// <param name="Rules">Null while the group has no guardian.</param>
/// <param name="Limiter">Null while the group has no guardian.</param>
/// <param name="Head">The hash of the last record.</param>
/// <param name="Position">The position of the next record.</param>
/// <param name="LastAt">The time of the last record, unix seconds.</param>
/// <param name="FrozenBecause">Why the group is frozen; null when it is not.</param>
/// <param name="Log">The hashes of all records.</param>
/// <param name="Spent">What was accepted on the last day on which anything was.</param>
/// <param name="StoppedBecause">Why this party signs nothing for the group; null when it does.</param>
public sealed record GuardianState(
    GuardianRules? Rules,
    Loosening? Announced,
    Limiter? Limiter,
    Bytes32 Head,
    long Position,
    ulong LastAt,
    string? FrozenBecause,
    string? StoppedBecause,
    WithdrawalIndex Withdrawals,
    MerkleLog Log,
    DaySpending Spent)
{
    /// <summary>Satoshis of all withdrawals but this one that were accepted on the UTC day of a time.</summary>
    internal ulong SpentBeside(GuardianRecord.WithdrawalAccepted withdrawal, ulong now) =>
        Spent.Day != DaySpending.DayOf(now) ? 0 : DaySpending.DayOf(withdrawal.At) == Spent.Day ? Spent.Sum - withdrawal.Debit : Spent.Sum;

    internal static GuardianState Start(GroupId group) =>
        new(null, null, null, GuardianRecord.StartOf(group), 0, 0, null, null, WithdrawalIndex.Empty, MerkleLog.Empty, default);
}

/// <summary>What was accepted on one UTC day.</summary>
/// <param name="Day">Days since 1970.</param>
/// <param name="Sum">Satoshis; saturates.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct DaySpending(ulong Day, ulong Sum)
{
    internal static ulong DayOf(ulong unixSeconds) => unixSeconds / 86_400;

    internal DaySpending With(GuardianRecord.WithdrawalAccepted withdrawal)
    {
        ulong day = DayOf(withdrawal.At);
        ulong sum = day == Day ? Sum : 0;
        return new DaySpending(day, sum + Math.Min(withdrawal.Debit, ulong.MaxValue - sum));
    }
}

/// <summary>Rules that allow more and wait for their time.</summary>
/// <param name="HoldsFrom">Unix seconds by the chain's own times.</param>
/// <param name="NotedUntil">Unix seconds by this party's clock, which heard of them so much earlier.</param>
public sealed record Loosening(GuardianRules Rules, ulong HoldsFrom, ulong NotedUntil);

/// <summary>A withdrawal that a guardian knows.</summary>
/// <param name="IsStale">Was its timestamp too old when this party first heard of it? Then this party never signs it.</param>
public sealed record KnownWithdrawal(GuardianRecord.WithdrawalAccepted Record, bool IsStale);
