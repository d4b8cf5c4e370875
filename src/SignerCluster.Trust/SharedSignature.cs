using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>
/// What stands behind the fields of a message. For one alone: 64 bytes BIP-340 over its digest. For 2..16 that were signed together: their digests, 32 bytes
/// each, and 64 bytes BIP-340 over the tagged hash <c>SignerCluster/messages/v1</c> of these; it is good for every message whose digest is among them. A digest
/// tells nothing of its message, which has 16 random bytes.
/// </summary>
internal sealed class SharedSignature
{
    internal const int SignatureBytes = 64;
    internal const int MaximumMessages = 16;
    private const int DigestBytes = 32;
    private static readonly TaggedHash _hash = new("SignerCluster/messages/v1");
    private readonly byte[] _bytes;

    private SharedSignature(byte[] bytes) => _bytes = bytes;

    /// <summary>As it is written: 64 bytes, or 128..576.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Signs 1..16 digests with 32 bytes of auxiliary randomness.</summary>
    internal static SharedSignature Sign(ReadOnlySpan<Bytes32> digests, IdentityKey identity, ReadOnlySpan<byte> auxiliary32)
    {
        ArgumentOutOfRangeException.ThrowIfZero(digests.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digests.Length, MaximumMessages);
        if (digests.Length == 1)
        {
            return new(identity.Sign(digests[0].AsSpan(), auxiliary32).AsSpan().ToArray());
        }

        byte[] bytes = new byte[(digests.Length * DigestBytes) + SignatureBytes];
        for (int message = 0; message < digests.Length; message++)
        {
            digests[message].AsSpan().CopyTo(bytes.AsSpan(message * DigestBytes));
        }

        Bytes32 all = _hash.Compute(bytes.AsSpan(..^SignatureBytes));
        identity.Sign(all.AsSpan(), auxiliary32).AsSpan().CopyTo(bytes.AsSpan(^SignatureBytes..));
        return new(bytes);
    }

    /// <summary>May so many bytes be a signature?</summary>
    internal static bool IsLength(int bytes) =>
        bytes == SignatureBytes || (bytes % DigestBytes == 0 && (bytes - SignatureBytes) / DigestBytes is >= 2 and <= MaximumMessages);

    /// <summary>Did the key sign a message of this digest? The bytes may come from anybody and have a length as <see cref="IsLength"/> allows.</summary>
    /// <param name="known">Spares what was verified before.</param>
    internal static bool Verify(ReadOnlySpan<byte> bytes, in Bytes32 digest, VerifyingKey key, KnownSignatures known)
    {
        ReadOnlySpan<byte> digests = bytes[..^SignatureBytes];
        ReadOnlySpan<byte> signature = bytes[^SignatureBytes..];
        if (digests.IsEmpty)
        {
            return key.Verify(digest.AsSpan(), signature);
        }

        if (!IsAmong(digest.AsSpan(), digests))
        {
            return false;
        }

        Bytes32 all = _hash.Compute(digests);
        return known.Has(key, all, signature) || (key.Verify(all.AsSpan(), signature) && known.Add(key, all, signature));
    }

    private static bool IsAmong(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> digests)
    {
        for (; !digests.IsEmpty; digests = digests[DigestBytes..])
        {
            if (digests[..DigestBytes].SequenceEqual(digest))
            {
                return true;
            }
        }

        return false;
    }
}
