using System.Security.Cryptography;
using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>
/// A whole secret key that was made ready once to sign many messages (BIP-0340) and to agree on secrets. It stands for the point with even y, whatever
/// the sign of the scalar it was made from. Lives in pinned memory that <see cref="Dispose"/> zeroes. Safe for concurrent use until it is disposed;
/// afterwards every operation throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed unsafe class SigningKey : IDisposable
{
    private const int KeyPairBytes = 96;

    // The library's own pair of secret and public key: making it costs about as much as signing with it.
    private readonly byte[] _keyPair96 = GC.AllocateArray<byte>(KeyPairBytes, pinned: true);
    private readonly SecretScalar _secret;
    private bool _disposed;

    /// <summary>Copies the secret, which stays the caller's to destroy.</summary>
    public SigningKey(SecretScalar secret)
    {
        _secret = secret.Clone();
        Point point = _secret.ToPoint();
        if (!point.HasEvenY)
        {
            _secret.Negate();
        }

        Public = point.XOnly;
        fixed (byte* pair = _keyPair96, scalar = _secret.Reveal())
        {
            SecpContext.Expect(NativeMethods.KeyPairCreate(SecpContext.Pointer, pair, scalar));
        }
    }

    /// <summary>The key under which signatures verify.</summary>
    public XOnlyPublicKey Public { get; }

    /// <summary>Signs a message of any length with 32 bytes of auxiliary randomness. Returns 64 bytes: x(R) ‖ s.</summary>
    public Bytes64 Sign(ReadOnlySpan<byte> message, ReadOnlySpan<byte> auxiliary32)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(auxiliary32.Length, 32);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Bytes64 signature = default;
        fixed (byte* pair = _keyPair96, text = message, auxiliary = auxiliary32)
        {
            SchnorrExtraParameters extra = new() { Magic = SchnorrExtraParameters.MagicValue, Auxiliary32 = auxiliary };
            SecpContext.Expect(NativeMethods.SchnorrSign(SecpContext.Pointer, (byte*)&signature, text, (nuint)message.Length, pair, &extra));
        }

        return signature;
    }

    /// <summary>
    /// Writes the 32-byte secret that the holder of <paramref name="peer"/>'s key can compute too: SHA-256 of the compressed shared point (the library's
    /// own ECDH, constant time). The caller zeroes it. Throws for infinity.
    /// </summary>
    public void Agree(in Point peer, Span<byte> shared32)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shared32.Length, 32);
        NativePublicKey key = peer.Native;
        fixed (byte* shared = shared32, scalar = _secret.Reveal())
        {
            SecpContext.Expect(NativeMethods.Ecdh(SecpContext.Pointer, shared, in key, scalar, 0, 0));
        }
    }

    /// <summary>Zeroes the memory. Safe to call twice.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_keyPair96);
        _secret.Dispose();
    }

    public override string ToString() => $"signing key of {Public} <redacted>";
}
