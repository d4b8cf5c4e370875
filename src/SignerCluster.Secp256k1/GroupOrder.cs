using System.Buffers.Binary;

namespace SignerCluster.Secp256k1;

/// <summary>The order n of the secp256k1 group and the one reduction that 256-bit values need.</summary>
internal static class GroupOrder
{
    /// <summary>n, big-endian.</summary>
    internal static ReadOnlySpan<byte> Bytes =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
        0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41,
    ];

    /// <summary>Public comparison: is the big-endian value below n?</summary>
    internal static bool IsBelow(ReadOnlySpan<byte> value32) => value32.SequenceCompareTo(Bytes) < 0;

    /// <summary>
    /// Reduces a big-endian 256-bit value modulo n in place, in constant time (the value may be a secret nonce).
    /// One conditional subtraction is enough because 2^256 is below 2n.
    /// </summary>
    internal static void ReduceInPlace(Span<byte> value32)
    {
        Span<ulong> difference = stackalloc ulong[4];
        ulong borrow = 0;
        for (int limb = 3; limb >= 0; limb--)
        {
            ulong minuend = BinaryPrimitives.ReadUInt64BigEndian(value32[(8 * limb)..]);
            ulong subtrahend = BinaryPrimitives.ReadUInt64BigEndian(Bytes[(8 * limb)..]);
            UInt128 wide = (UInt128)minuend - subtrahend - borrow;
            difference[limb] = (ulong)wide;
            borrow = (ulong)(wide >> 64) & 1;
        }

        ulong keepOriginal = 0UL - borrow;
        for (int limb = 0; limb < 4; limb++)
        {
            Span<byte> place = value32.Slice(8 * limb, 8);
            ulong original = BinaryPrimitives.ReadUInt64BigEndian(place);
            BinaryPrimitives.WriteUInt64BigEndian(place, (original & keepOriginal) | (difference[limb] & ~keepOriginal));
        }

        difference.Clear();
    }
}
