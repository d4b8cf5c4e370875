using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Protocol;

/// <summary>What an operator says about one of its groups.</summary>
public enum GroupLifecycle
{
    /// <summary>May sign.</summary>
    Active,

    /// <summary>Emergency stop: no new share leaves until the group has a new key.</summary>
    RekeyRequired,

    /// <summary>The key is out of use for good.</summary>
    Retired,
}

/// <summary>
/// What a node knows and allows at the moment of a command: it travels inside the command because it is configuration, not history.
/// </summary>
/// <param name="Group">Null when the node does not know the group.</param>
/// <param name="HeldSeats">The seats of the group whose secret shares this node can use.</param>
/// <param name="AllowRaw">May a bare 32-byte message be signed?</param>
/// <param name="Quarantined">Seats that the operator refuses to sign with.</param>
public sealed record Standing(ThresholdInfo? Group, SeatSet HeldSeats, GroupLifecycle Lifecycle, bool AllowRaw, SeatSet Quarantined)
{
    /// <summary>
    /// May a signature leave parts of the transaction open (NONE, SINGLE, ANYONECANPAY)? The author of a PSBT picks its hash types, and such a
    /// signature lets whoever holds it change the transaction afterwards.
    /// </summary>
    public bool AllowPartialSighash { get; init; }

    /// <summary>The most that a payment may pay in fees.</summary>
    public PaymentLimits PaymentLimits { get; init; } = PaymentLimits.Default;

    /// <summary>The withdrawal that the group's guardian has accepted for the session; null where the group has no guardian.</summary>
    public GuardianRecord.WithdrawalAccepted? Withdrawal { get; init; }

    /// <summary>Why the group's guardian does not let the session be signed; null where it does, or where there is none.</summary>
    public Refusal? Barred { get; init; }

    /// <summary>The moment of the command, in Unix seconds.</summary>
    public long Now { get; init; }

    /// <summary>What the operator lets be signed for the group beyond all this; null for no further rule.</summary>
    public SpendingPolicy? Policy { get; init; }

    /// <summary>
    /// Satoshis that withdrawals before the one of the command took from the group in the UTC day of that one's time, fees included; null where nobody
    /// counts.
    /// </summary>
    public ulong? SpentToday { get; init; }

    public static Standing Unknown { get; } = new(null, default, GroupLifecycle.Active, AllowRaw: false, default);
}
