using System.Buffers.Binary;
using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>
/// A public integer modulo the group order n. Arithmetic leans on the native library; use <see cref="SecretScalar"/> for anything secret.
/// </summary>
public readonly unsafe struct Scalar : IEquatable<Scalar>
{
    private readonly Bytes32 _bytes;

    private Scalar(in Bytes32 bytes) => _bytes = bytes;

    public static Scalar Zero => default;

    public static Scalar One { get; } = FromUInt64(1);

    public bool IsZero => _bytes == default;

    public static Scalar operator +(in Scalar left, in Scalar right)
    {
        if (left.IsZero)
        {
            return right;
        }

        Bytes32 sum = left._bytes;
        Bytes32 addend = right._bytes;
        // The call refuses only a sum of zero: the left side is not zero and both are below n.
        return NativeMethods.SecretKeyTweakAdd(SecpContext.Pointer, (byte*)&sum, (byte*)&addend) == 1 ? new Scalar(sum) : Zero;
    }

    public static Scalar operator -(in Scalar value)
    {
        if (value.IsZero)
        {
            return Zero;
        }

        Bytes32 negated = value._bytes;
        SecpContext.Expect(NativeMethods.SecretKeyNegate(SecpContext.Pointer, (byte*)&negated));
        return new Scalar(negated);
    }

    public static Scalar operator -(in Scalar left, in Scalar right) => left + -right;

    public static Scalar operator *(in Scalar left, in Scalar right)
    {
        if (left.IsZero || right.IsZero)
        {
            return Zero;
        }

        Bytes32 product = left._bytes;
        Bytes32 factor = right._bytes;
        SecpContext.Expect(NativeMethods.SecretKeyTweakMultiply(SecpContext.Pointer, (byte*)&product, (byte*)&factor));
        return new Scalar(product);
    }

    public static bool operator ==(in Scalar left, in Scalar right) => left._bytes == right._bytes;

    public static bool operator !=(in Scalar left, in Scalar right) => left._bytes != right._bytes;

    public static Scalar FromUInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], value);
        return new Scalar(FixedBytes.From<Bytes32>(bytes));
    }

    /// <summary>Reads 32 big-endian bytes; false when the length differs or the value is n or more.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes32, out Scalar scalar)
    {
        bool valid = bytes32.Length == 32 && GroupOrder.IsBelow(bytes32);
        scalar = valid ? new Scalar(FixedBytes.From<Bytes32>(bytes32)) : default;
        return valid;
    }

    /// <summary>Reads 32 big-endian bytes; throws <see cref="ArgumentException"/> when the value is n or more.</summary>
    public static Scalar Parse(ReadOnlySpan<byte> bytes32) =>
        TryParse(bytes32, out Scalar scalar) ? scalar : throw new ArgumentException("A scalar is 32 bytes below the group order.", nameof(bytes32));

    /// <summary>Interprets 32 big-endian bytes modulo n, as the BIPs do with hashes.</summary>
    public static Scalar Reduce(in Bytes32 bytes)
    {
        Bytes32 reduced = bytes;
        GroupOrder.ReduceInPlace(reduced);
        return new Scalar(reduced);
    }

    /// <summary>The 32 big-endian bytes.</summary>
    public Bytes32 ToBytes() => _bytes;

    public bool Equals(Scalar other) => _bytes == other._bytes;

    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    public override int GetHashCode() => _bytes.GetHashCode();

    public override string ToString() => _bytes.ToString();
}
