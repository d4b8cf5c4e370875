using System.Security.Cryptography;
using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>
/// A secret integer in 1..n-1, in pinned memory that is zeroed by <see cref="Dispose"/>. All arithmetic is the native library's
/// constant-time code. Every operation throws <see cref="ObjectDisposedException"/> after disposal. Not safe for concurrent use.
/// </summary>
public sealed unsafe class SecretScalar : IDisposable
{
    // The pinned heap: the collector never moves, and so never copies, these bytes.
    private readonly byte[] _bytes = GC.AllocateArray<byte>(32, pinned: true);
    private bool _disposed;

    private SecretScalar()
    {
    }

    /// <summary>Copies 32 big-endian bytes; false for another length, zero, or n and above.</summary>
    public static bool TryParse(ReadOnlySpan<byte> secret32, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SecretScalar? scalar)
    {
        scalar = null;
        if (secret32.Length != 32)
        {
            return false;
        }

        SecretScalar candidate = new();
        secret32.CopyTo(candidate._bytes);
        if (candidate.IsValid())
        {
            scalar = candidate;
            return true;
        }

        candidate.Dispose();
        return false;
    }

    /// <summary>Copies 32 big-endian bytes; throws <see cref="ArgumentException"/> for another length, zero, or n and above.</summary>
    public static SecretScalar Parse(ReadOnlySpan<byte> secret32) =>
        TryParse(secret32, out SecretScalar? scalar) ? scalar : throw new ArgumentException("A secret scalar is 32 bytes in 1..n-1.", nameof(secret32));

    /// <summary>
    /// Copies 32 bytes reduced modulo n in constant time; false when the result is zero. Throws <see cref="ArgumentOutOfRangeException"/> for
    /// another length.
    /// </summary>
    public static bool TryReduce(ReadOnlySpan<byte> secret32, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SecretScalar? scalar)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret32.Length, 32, nameof(secret32));
        Span<byte> reduced = stackalloc byte[32];
        secret32.CopyTo(reduced);
        GroupOrder.ReduceInPlace(reduced);
        bool valid = TryParse(reduced, out scalar);
        CryptographicOperations.ZeroMemory(reduced);
        return valid;
    }

    /// <summary>An independent copy with a lifetime of its own.</summary>
    public SecretScalar Clone()
    {
        SecretScalar copy = new();
        Live().CopyTo(copy._bytes);
        return copy;
    }

    /// <summary>this := this + other. Throws when the sum is zero, which honest inputs reach with negligible probability.</summary>
    public void Add(SecretScalar other)
    {
        fixed (byte* sum = Live(), addend = other.Live())
        {
            SecpContext.Expect(NativeMethods.SecretKeyTweakAdd(SecpContext.Pointer, sum, addend));
        }
    }

    /// <summary>this := this * factor. The factor is public and not zero.</summary>
    public void Multiply(in Scalar factor)
    {
        Bytes32 factor32 = factor.ToBytes();
        fixed (byte* product = Live())
        {
            SecpContext.Expect(NativeMethods.SecretKeyTweakMultiply(SecpContext.Pointer, product, (byte*)&factor32));
        }
    }

    /// <summary>this := n - this.</summary>
    public void Negate()
    {
        fixed (byte* negated = Live())
        {
            SecpContext.Expect(NativeMethods.SecretKeyNegate(SecpContext.Pointer, negated));
        }
    }

    /// <summary>this * G, in constant time.</summary>
    public Point ToPoint()
    {
        fixed (byte* secret = Live())
        {
            SecpContext.Expect(NativeMethods.PublicKeyCreate(SecpContext.Pointer, out NativePublicKey key, secret));
            return new Point(key);
        }
    }

    /// <summary>Writes the 32 secret bytes into memory that the caller owns and must zero.</summary>
    public void CopyTo(Span<byte> destination32) => Live().CopyTo(destination32);

    /// <summary>Turns a value that the protocol makes public, such as a finished signature share, into a public scalar.</summary>
    public Scalar Disclose() => Scalar.Parse(Live());

    /// <summary>Zeroes the memory. Safe to call twice.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    public override string ToString() => "<redacted>";

    internal ReadOnlySpan<byte> Reveal() => Live();

    private Span<byte> Live()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _bytes;
    }

    private bool IsValid()
    {
        fixed (byte* secret = _bytes)
        {
            return NativeMethods.SecretKeyVerify(SecpContext.Pointer, secret) == 1;
        }
    }
}
