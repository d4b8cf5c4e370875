using System.Runtime.InteropServices;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tweaks;

/// <summary>How a tweak is added: to the point as it is (BIP-32), or to the point with even y that its x coordinate stands for (BIP-341).</summary>
public enum TweakMode
{
    Plain,
    XOnly,
}

/// <summary>One step of a key derivation: a public scalar, zero allowed, and how it is added.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Tweak(Scalar Value, TweakMode Mode)
{
    /// <summary>Reads 32 big-endian bytes. Refusals: <c>tweak_length</c>, <c>tweak_out_of_range</c> for the group order and above.</summary>
    public static Outcome<Tweak> Parse(ReadOnlySpan<byte> value32, TweakMode mode)
    {
        if (value32.Length != 32)
        {
            return new FrostRefusal(FrostCode.TweakLength, $"A tweak has 32 bytes, not {value32.Length}.");
        }

        return Scalar.TryParse(value32, out Scalar value)
            ? new Tweak(value, mode)
            : new FrostRefusal(FrostCode.TweakOutOfRange, "A tweak is below the group order.");
    }
}
