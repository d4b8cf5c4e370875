using System.Buffers.Binary;
using System.Security.Cryptography;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// The 32-byte key under which a ring's data keys are wrapped (AES-256-GCM). Held only while keys are wrapped or opened: fetched from an
/// <see cref="IKeyProvider"/>, disposed at once.
/// </summary>
public sealed class KeyEncryptionKey : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] _key32 = GC.AllocateArray<byte>(Length, pinned: true);

    private KeyEncryptionKey()
    {
    }

    /// <summary>Which key this is; derived from it (HKDF-SHA256) and not secret.</summary>
    public KeyId Id => DataKey.IdOf(_key32, "SignerCluster/key-encryption-key id"u8);

    /// <summary>Takes a key over: copies the 32 bytes to pinned memory and zeroes the caller's.</summary>
    public static KeyEncryptionKey Take(Span<byte> key32)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key32.Length, Length, nameof(key32));
        KeyEncryptionKey key = new();
        key32.CopyTo(key._key32);
        CryptographicOperations.ZeroMemory(key32);
        return key;
    }

    /// <summary>Wraps a data key: 12 bytes nonce, 32 bytes ciphertext, 16 bytes tag. Its epoch and id are bound, so it cannot stand in for another.</summary>
    public byte[] Wrap(DataKey key, Entropy entropy)
    {
        byte[] wrapped = new byte[NonceBytes + Length + TagBytes];
        entropy(wrapped.AsSpan(0, NonceBytes));
        Span<byte> plain32 = stackalloc byte[Length];
        key.CopyTo(plain32);
        using AesGcm cipher = new(_key32, TagBytes);
        cipher.Encrypt(
            wrapped.AsSpan(0, NonceBytes), plain32, wrapped.AsSpan(NonceBytes, Length), wrapped.AsSpan(NonceBytes + Length), Associated(key.Epoch, key.Id));
        CryptographicOperations.ZeroMemory(plain32);
        return wrapped;
    }

    /// <summary>
    /// Opens a wrapped data key, which the caller owns; null when it was wrapped under another key, was altered, or is of another epoch or id.
    /// </summary>
    public DataKey? Unwrap(int epoch, KeyId id, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length != NonceBytes + Length + TagBytes)
        {
            return null;
        }

        Span<byte> plain32 = stackalloc byte[Length];
        using AesGcm cipher = new(_key32, TagBytes);
        try
        {
            cipher.Decrypt(wrapped[..NonceBytes], wrapped.Slice(NonceBytes, Length), wrapped[(NonceBytes + Length)..], plain32, Associated(epoch, id));
            return DataKey.Take(epoch, plain32);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain32);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key32);

    public override string ToString() => "<redacted>";

    private static byte[] Associated(int epoch, KeyId id)
    {
        byte[] numbers = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(numbers, epoch);
        BinaryPrimitives.WriteUInt64BigEndian(numbers.AsSpan(4), id.Value);
        return [.. "SignerCluster/data-key"u8, .. numbers];
    }
}
