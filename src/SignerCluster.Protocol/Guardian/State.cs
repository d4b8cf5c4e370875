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

    /// <summary>What was accepted on the day of a time that is not before the newest withdrawal's.</summary>
    internal ulong On(ulong at) => DayOf(at) == Day ? Sum : 0;

    internal DaySpending With(GuardianRecord.WithdrawalAccepted withdrawal) => With(withdrawal.At, withdrawal.Debit);

    internal DaySpending With(ulong at, ulong debit)
    {
        ulong sum = On(at);
        return new DaySpending(DayOf(at), sum + Math.Min(debit, ulong.MaxValue - sum));
    }
}

/// <summary>Rules that allow more and wait for their time.</summary>
/// <param name="HoldsFrom">Unix seconds by the chain's own times.</param>
/// <param name="NotedUntil">Unix seconds by this party's clock, which heard of them so much earlier.</param>
public sealed record Loosening(GuardianRules Rules, ulong HoldsFrom, ulong NotedUntil);

/// <summary>A withdrawal that a guardian knows.</summary>
/// <param name="IsStale">Was its timestamp too old when this party first heard of it? Then this party never signs it.</param>
public sealed record KnownWithdrawal(GuardianRecord.WithdrawalAccepted Record, bool IsStale)
{
    /// <summary>
    /// Satoshis of the withdrawals before it in the chain whose times are on the same UTC day. Follows from the chain alone, so every party counts the same, and
    /// whatever comes later changes nothing for it.
    /// </summary>
    internal ulong SpentBefore { get; init; }
}
