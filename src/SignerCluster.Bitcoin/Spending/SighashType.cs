using System.Diagnostics.CodeAnalysis;

namespace SignerCluster.Bitcoin.Spending;

/// <summary>The hash types of BIP-0341: what a taproot signature commits to.</summary>
[SuppressMessage("Design", "CA1008", Justification = "SIGHASH_NONE is 2; BIP-0341 names 0 SIGHASH_DEFAULT.")]
[SuppressMessage("Design", "CA1027", Justification = "The values do not combine freely.")]
[SuppressMessage("Design", "CA1028", Justification = "One byte on the wire.")]
public enum SighashType : byte
{
    /// <summary>As <see cref="All"/>, and the signature has 64 bytes instead of 65.</summary>
    Default = 0x00,
    All = 0x01,
    None = 0x02,
    Single = 0x03,
    AllAnyoneCanPay = 0x81,
    NoneAnyoneCanPay = 0x82,
    SingleAnyoneCanPay = 0x83,
}

internal static class SighashTypes
{
    private const int OutputMask = 0x03;
    private const int AnyoneCanPay = 0x80;

    public static bool IsValid(this SighashType type) => type is
        SighashType.Default or SighashType.All or SighashType.None or SighashType.Single
        or SighashType.AllAnyoneCanPay or SighashType.NoneAnyoneCanPay or SighashType.SingleAnyoneCanPay;

    public static bool IsAnyoneCanPay(this SighashType type) => ((int)type & AnyoneCanPay) != 0;

    public static bool IsSingle(this SighashType type) => ((int)type & OutputMask) == (int)SighashType.Single;

    public static bool IsNone(this SighashType type) => ((int)type & OutputMask) == (int)SighashType.None;

    public static bool CommitsToAllOutputs(this SighashType type) => ((int)type & OutputMask) is (int)SighashType.Default or (int)SighashType.All;
}
