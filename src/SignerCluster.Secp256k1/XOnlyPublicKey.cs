using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>The 32-byte x coordinate of a point on the curve, standing for the point with even y (BIP-0340).</summary>
public readonly unsafe struct XOnlyPublicKey : IEquatable<XOnlyPublicKey>
{
    private readonly Bytes32 _x;

    private XOnlyPublicKey(in Bytes32 x) => _x = x;

    public static bool operator ==(XOnlyPublicKey left, XOnlyPublicKey right) => left._x == right._x;

    public static bool operator !=(XOnlyPublicKey left, XOnlyPublicKey right) => left._x != right._x;

    /// <summary>False for another length or an x that is not on the curve.</summary>
    public static bool TryParse(ReadOnlySpan<byte> x32, out XOnlyPublicKey key)
    {
        key = default;
        if (x32.Length != 32 || !TryLift(x32, out _))
        {
            return false;
        }

        key = new XOnlyPublicKey(FixedBytes.From<Bytes32>(x32));
        return true;
    }

    /// <summary>Parses 64 hex digits of either case; false when they are not an x coordinate of the curve.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, out XOnlyPublicKey key)
    {
        key = default;
        return FixedBytes.TryParseHex(hex, out Bytes32 x) && TryParse(x, out key);
    }

    /// <summary>Throws <see cref="ArgumentException"/> when the bytes are not an x coordinate of the curve.</summary>
    public static XOnlyPublicKey Parse(ReadOnlySpan<byte> x32) =>
        TryParse(x32, out XOnlyPublicKey key) ? key : throw new ArgumentException("Not the x coordinate of a point on secp256k1.", nameof(x32));

    /// <summary>lift_x: the point with this x and even y.</summary>
    public Point ToPoint() =>
        TryLift(_x, out NativePublicKey key) ? new Point(key) : throw new InvalidOperationException("An unset x-only key has no point.");

    /// <summary>The 32 bytes of x.</summary>
    public Bytes32 ToBytes() => _x;

    public bool Equals(XOnlyPublicKey other) => _x == other._x;

    public override bool Equals(object? obj) => obj is XOnlyPublicKey other && Equals(other);

    public override int GetHashCode() => _x.GetHashCode();

    public override string ToString() => _x.ToString();

    internal static XOnlyPublicKey FromCompressed(in Bytes33 compressed) => new(FixedBytes.From<Bytes32>(compressed.AsSpan()[1..]));

    internal static bool TryLift(ReadOnlySpan<byte> x32, out NativePublicKey key)
    {
        fixed (byte* input = x32)
        {
            return NativeMethods.XOnlyParse(SecpContext.Pointer, out key, input) == 1;
        }
    }
}
