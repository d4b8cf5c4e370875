using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>
/// A public point of the curve, infinity included (<c>default</c>). The native library has no infinity, so it never sees one:
/// every operation handles it here first. Variable time: public values only.
/// </summary>
public readonly unsafe struct Point : IEquatable<Point>
{
    private readonly NativePublicKey _key;
    private readonly bool _isFinite;

    internal Point(in NativePublicKey key)
    {
        _key = key;
        _isFinite = true;
    }

    public static Point Infinity => default;

    public static Point Generator { get; } = FromScalar(Scalar.One);

    public bool IsInfinity => !_isFinite;

    /// <summary>Is the y coordinate even? Throws for infinity.</summary>
    public bool HasEvenY => ToCompressed()[0] == 2;

    /// <summary>The x coordinate. Throws for infinity.</summary>
    public XOnlyPublicKey XOnly => XOnlyPublicKey.FromCompressed(ToCompressed());

    internal NativePublicKey Native => _isFinite ? _key : throw new InvalidOperationException("Infinity has no encoding here.");

    public static Point operator +(in Point left, in Point right)
    {
        if (left.IsInfinity || right.IsInfinity)
        {
            return left.IsInfinity ? right : left;
        }

        NativePublicKey first = left._key;
        NativePublicKey second = right._key;
        NativePublicKey** addends = stackalloc NativePublicKey*[2] { &first, &second };
        return Combine(addends, 2);
    }

    public static Point operator -(in Point value)
    {
        if (value.IsInfinity)
        {
            return value;
        }

        NativePublicKey negated = value._key;
        SecpContext.Expect(NativeMethods.PublicKeyNegate(SecpContext.Pointer, ref negated));
        return new Point(negated);
    }

    public static Point operator -(in Point left, in Point right) => left + -right;

    public static Point operator *(in Scalar factor, in Point point)
    {
        if (factor.IsZero || point.IsInfinity)
        {
            return Infinity;
        }

        NativePublicKey product = point._key;
        Bytes32 factor32 = factor.ToBytes();
        SecpContext.Expect(NativeMethods.PublicKeyTweakMultiply(SecpContext.Pointer, ref product, (byte*)&factor32));
        return new Point(product);
    }

    public static bool operator ==(in Point left, in Point right) => left.Equals(right);

    public static bool operator !=(in Point left, in Point right) => !left.Equals(right);

    /// <summary>scalar * G for a public scalar; infinity for zero.</summary>
    public static Point FromScalar(in Scalar scalar)
    {
        if (scalar.IsZero)
        {
            return Infinity;
        }

        Bytes32 scalar32 = scalar.ToBytes();
        SecpContext.Expect(NativeMethods.PublicKeyCreate(SecpContext.Pointer, out NativePublicKey key, (byte*)&scalar32));
        return new Point(key);
    }

    /// <summary>The sum of all points, infinity for none.</summary>
    public static Point Sum(ReadOnlySpan<Point> points)
    {
        if (points.Length == 0)
        {
            return Infinity;
        }

        fixed (Point* first = points)
        {
            NativePublicKey** addends = stackalloc NativePublicKey*[points.Length];
            int finite = 0;
            for (int index = 0; index < points.Length; index++)
            {
                if (!points[index].IsInfinity)
                {
                    addends[finite++] = (NativePublicKey*)(first + index);
                }
            }

            return finite == 0 ? Infinity : Combine(addends, finite);
        }
    }

    /// <summary>Parses a 33-byte compressed point; false for infinity, another length, prefix or curve.</summary>
    public static bool TryParse(ReadOnlySpan<byte> compressed33, out Point point)
    {
        point = default;
        // The native parser also takes uncompressed and hybrid encodings; the protocols here know only 02 and 03.
        if (compressed33.Length != 33 || compressed33[0] is not (2 or 3))
        {
            return false;
        }

        fixed (byte* input = compressed33)
        {
            bool parsed = NativeMethods.PublicKeyParse(SecpContext.Pointer, out NativePublicKey key, input, 33) == 1;
            point = parsed ? new Point(key) : default;
            return parsed;
        }
    }

    /// <summary>As <see cref="TryParse"/>, and 33 zero bytes are infinity (BIP-445 <c>cpoint_ext</c>).</summary>
    public static bool TryParseExtended(ReadOnlySpan<byte> compressed33, out Point point)
    {
        point = default;
        return (compressed33.Length == 33 && !compressed33.ContainsAnyExcept((byte)0)) || TryParse(compressed33, out point);
    }

    /// <summary>this + scalar * G.</summary>
    public Point AddGenerator(in Scalar scalar)
    {
        if (IsInfinity)
        {
            return FromScalar(scalar);
        }

        NativePublicKey sum = _key;
        Bytes32 scalar32 = scalar.ToBytes();
        // Refused only when the sum is infinity: the scalar is below n by its type.
        return NativeMethods.PublicKeyTweakAdd(SecpContext.Pointer, ref sum, (byte*)&scalar32) == 1 ? new Point(sum) : Infinity;
    }

    /// <summary>The 33-byte compressed encoding. Throws for infinity.</summary>
    public Bytes33 ToCompressed()
    {
        Bytes33 output = default;
        nuint length = 33;
        NativePublicKey key = Native;
        SecpContext.Expect(NativeMethods.PublicKeySerialize(SecpContext.Pointer, (byte*)&output, ref length, in key, NativeMethods.EncodingCompressed));
        return output;
    }

    /// <summary>The 33-byte encoding in which infinity is 33 zero bytes (BIP-445 <c>cbytes_ext</c>).</summary>
    public Bytes33 ToExtended() => IsInfinity ? default : ToCompressed();

    public bool Equals(Point other) => _isFinite == other._isFinite && (!_isFinite || ToCompressed() == other.ToCompressed());

    public override bool Equals(object? obj) => obj is Point other && Equals(other);

    public override int GetHashCode() => ToExtended().GetHashCode();

    public override string ToString() => IsInfinity ? "infinity" : ToCompressed().ToString();

    private static Point Combine(NativePublicKey** addends, int count) =>
        NativeMethods.PublicKeyCombine(SecpContext.Pointer, out NativePublicKey sum, addends, (nuint)count) == 1 ? new Point(sum) : Infinity;
}
