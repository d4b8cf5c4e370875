namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The most that a payment may pay in fees. Whoever has to pay more raises a ceiling for it: money at risk is asked for.</summary>
/// <param name="MaximumFeeSat">In satoshis, for the whole transaction.</param>
/// <param name="MaximumSatPerVirtualByte">In satoshis for each virtual byte of the finished transaction.</param>
public sealed record FeeCeilings(long MaximumFeeSat, long MaximumSatPerVirtualByte)
{
    /// <summary>
    /// 0.1 BTC, which is also Bitcoin Core's -maxtxfee, and 1,000 sat/vB, which blocks have asked for only in the hours of the worst congestion.
    /// </summary>
    public static FeeCeilings Default { get; } = new(10_000_000, 1_000);
}
