using System.Collections.Frozen;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Policy;

/// <summary>
/// What an operator lets its seats sign for one group. A rule that is not set limits nothing. Change that pays the group back is held to no rule about
/// scripts and amounts.
/// </summary>
public sealed record SpendingPolicy
{
    /// <summary>Of a group that the operator's file does not name: nothing is signed for it.</summary>
    public static SpendingPolicy Unnamed { get; } = new() { NamesGroup = false };

    public bool NamesGroup { get; private init; } = true;

    /// <summary>The network of the addresses that refusals show.</summary>
    public Network Network { get; init; }

    /// <summary>The only scripts that may be paid; null for any.</summary>
    public IReadOnlySet<Script>? Allowed { get; init; }

    /// <summary>Scripts that are never paid, also where they are allowed.</summary>
    public IReadOnlySet<Script> Denied { get; init; } = FrozenSet<Script>.Empty;

    /// <summary>Scripts that are not paid, and that no input of anybody else in the same transaction may spend.</summary>
    public IReadOnlySet<Script> Quarantined { get; init; } = FrozenSet<Script>.Empty;

    /// <summary>Of a transaction, change included.</summary>
    public int? MaximumOutputs { get; init; }

    /// <summary>Satoshis of one output.</summary>
    public ulong? MaximumOutputSat { get; init; }

    /// <summary>Satoshis that one transaction may take from the group, fee included.</summary>
    public ulong? MaximumPaymentSat { get; init; }

    /// <summary>Satoshis that may be taken from the group in one UTC day, fees included. Somebody has to count them: a guardian.</summary>
    public ulong? MaximumDaySat { get; init; }

    /// <summary>Satoshis a virtual byte. The node's own ceiling stays in force beside it.</summary>
    public ulong? MaximumFeeRate { get; init; }

    /// <summary>The hash types that may be used. The node's own rule stays in force beside it.</summary>
    public IReadOnlySet<SighashType> HashTypes { get; init; } = FrozenSet.Create(SighashType.Default, SighashType.All);

    /// <summary>When payments are signed; null for always.</summary>
    public DailyWindow? Window { get; init; }

    /// <summary>What needs the approval of people; null for nothing.</summary>
    public ApprovalRule? Approvals { get; init; }
}

/// <summary>A part of every UTC day, which may go over midnight: from the first time on, and before the second.</summary>
public sealed record DailyWindow(TimeOnly From, TimeOnly To)
{
    private const long DaySeconds = 24 * 60 * 60;

    /// <summary>Does a moment, in Unix seconds, lie in it?</summary>
    public bool Contains(long moment) => TimeOf(moment).IsBetween(From, To);

    /// <summary>The UTC time of the day of a moment in Unix seconds.</summary>
    public static TimeOnly TimeOf(long moment) => TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(((moment % DaySeconds) + DaySeconds) % DaySeconds));
}

/// <summary>A payment that takes more than an amount from the group needs so many of the approvers.</summary>
/// <param name="AboveSat">Satoshis, fee included; a payment of exactly that much needs nobody.</param>
/// <param name="Needed">At least 1, and not more than there are approvers.</param>
/// <param name="Approvers">Their identity keys, none twice, at most <see cref="Approval.MaximumCount"/>.</param>
public sealed record ApprovalRule(ulong AboveSat, int Needed, IReadOnlyList<XOnlyPublicKey> Approvers);
