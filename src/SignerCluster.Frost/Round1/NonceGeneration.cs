using System.Security.Cryptography;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>BIP-445 <c>NonceGen</c>.</summary>
public static class NonceGeneration
{
    private const int StackLimit = 512;

    private static readonly TaggedHash _auxiliaryHash = new("BIP0445/aux");
    private static readonly TaggedHash _nonceHash = new("BIP0445/nonce");

    /// <summary>
    /// Derives a nonce pair from 32 fresh random bytes. Everything else hedges against a bad source of randomness: with it, a repeated
    /// <paramref name="random32"/> still gives different nonces whenever any other input differs. An absent message differs from an empty one.
    /// Throws <see cref="ArgumentException"/> unless there are 32 random bytes.
    /// </summary>
    public static SecretNonce Generate(
        ReadOnlySpan<byte> random32,
        SecretShare? share = null,
        Point? publicShare = null,
        XOnlyPublicKey? key = null,
        ReadOnlyMemory<byte>? message = null,
        ReadOnlyMemory<byte> extra = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random32.Length, 32);
        int length = 32 + 1 + (publicShare is null ? 0 : 33) + 1 + (key is null ? 0 : 32)
            + 1 + (message is { } text ? 8 + text.Length : 0) + 4 + extra.Length + 1;
        Span<byte> buffer = length <= StackLimit ? stackalloc byte[length] : GC.AllocateUninitializedArray<byte>(length, pinned: true);
        try
        {
            Blind(random32, share?.Secret, buffer[..32]);
            Write(buffer, publicShare, key, message, extra.Span);
            return FromHashInput(_nonceHash, buffer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>secret xor H(random), or the random bytes alone: so that neither a bad share nor bad randomness is enough to predict a nonce.</summary>
    internal static void Blind(ReadOnlySpan<byte> random32, SecretScalar? secret, Span<byte> blinded32)
    {
        if (secret is null)
        {
            random32.CopyTo(blinded32);
            return;
        }

        Span<byte> mask32 = stackalloc byte[32];
        _auxiliaryHash.Compute(random32, mask32);
        secret.CopyTo(blinded32);
        for (int index = 0; index < 32; index++)
        {
            blinded32[index] ^= mask32[index];
        }

        CryptographicOperations.ZeroMemory(mask32);
    }

    /// <summary>Hashes the input twice, its last byte being 0 and 1, into the pair of nonces.</summary>
    internal static SecretNonce FromHashInput(TaggedHash hash, Span<byte> buffer)
    {
        buffer[^1] = 0;
        SecretScalar first = Derive(hash, buffer);
        buffer[^1] = 1;
        return new SecretNonce(first, Derive(hash, buffer));
    }

    private static void Write(
        Span<byte> buffer, Point? publicShare, XOnlyPublicKey? key, ReadOnlyMemory<byte>? message, ReadOnlySpan<byte> extra)
    {
        HashInput input = new(buffer[32..]);
        Bytes33 compressed = publicShare?.ToCompressed() ?? default;
        input.AppendByte((byte)(publicShare is null ? 0 : 33));
        input.Append(publicShare is null ? [] : compressed.AsSpan());
        Bytes32 x = key?.ToBytes() ?? default;
        input.AppendByte((byte)(key is null ? 0 : 32));
        input.Append(key is null ? [] : x.AsSpan());
        input.AppendByte((byte)(message is null ? 0 : 1));
        if (message is { } text)
        {
            input.AppendUInt64(text.Length);
            input.Append(text.Span);
        }

        input.AppendUInt32(extra.Length);
        input.Append(extra);
    }

    private static SecretScalar Derive(TaggedHash hash, ReadOnlySpan<byte> input)
    {
        Span<byte> digest32 = stackalloc byte[32];
        hash.Compute(input, digest32);
        bool valid = SecretScalar.TryReduce(digest32, out SecretScalar? scalar);
        CryptographicOperations.ZeroMemory(digest32);
        return valid ? scalar! : throw new InvalidOperationException("A nonce hashed to zero, which no honest run reaches.");
    }
}
