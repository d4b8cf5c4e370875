using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SignerCluster.Secp256k1;

/// <summary>SHA-256 with a domain tag: H(H(tag) ‖ H(tag) ‖ message), BIP-0340.</summary>
public sealed class TaggedHash
{
    private const int StackLimit = 1024;
    private readonly byte[] _prefix64;

    public TaggedHash(string tag)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(tag));
        _prefix64 = [.. digest, .. digest];
    }

    /// <summary>The hash of the concatenated parts, which are public.</summary>
    public Bytes32 Compute(params ReadOnlySpan<byte> message)
    {
        Bytes32 digest = default;
        if (64 + message.Length <= StackLimit)
        {
            Compute(message, digest);
            return digest;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 + message.Length);
        _prefix64.CopyTo(buffer, 0);
        message.CopyTo(buffer.AsSpan(64));
        SHA256.HashData(buffer.AsSpan(0, 64 + message.Length), digest);
        ArrayPool<byte>.Shared.Return(buffer);
        return digest;
    }

    /// <summary>Writes the 32-byte hash. The working copy of the message is zeroed, so it may be secret.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> digest32)
    {
        int length = 64 + message.Length;
        Span<byte> buffer = length <= StackLimit ? stackalloc byte[length] : GC.AllocateUninitializedArray<byte>(length, pinned: true);
        _prefix64.CopyTo(buffer);
        message.CopyTo(buffer[64..]);
        SHA256.HashData(buffer, digest32);
        CryptographicOperations.ZeroMemory(buffer);
    }
}
