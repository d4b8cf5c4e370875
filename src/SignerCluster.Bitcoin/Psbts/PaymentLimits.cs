namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The most that a payment may cost. Whoever has to pay more raises a limit for it: money at risk is asked for.</summary>
/// <param name="MaximumFeeSat">In satoshis, for the whole transaction.</param>
/// <param name="MaximumSatPerVirtualByte">In satoshis for each virtual byte of the finished transaction.</param>
/// <param name="MaximumInputs">How many inputs a payment may have, whoever they belong to; its work and its journals grow with them.</param>
public sealed record PaymentLimits(long MaximumFeeSat, long MaximumSatPerVirtualByte, int MaximumInputs)
{
    /// <summary>
    /// 0.1 BTC, which is also Bitcoin Core's -maxtxfee; 1,000 sat/vB, which blocks have asked for only in the hours of the worst congestion; and 10,000 inputs,
    /// more than a standard transaction has room for.
    /// </summary>
    public static PaymentLimits Default { get; } = new(10_000_000, 1_000, 10_000);

    /// <summary>For what was judged before.</summary>
    public static PaymentLimits None { get; } = new(long.MaxValue, long.MaxValue, int.MaxValue);
}
