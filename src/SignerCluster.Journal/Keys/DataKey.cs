using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// The 32-byte AES-256-GCM key of one key epoch, under which journal rows and seat files are sealed. Used by any number of threads. Disposing zeroes it;
/// nothing may use it afterwards.
/// </summary>
public sealed class DataKey : IDisposable
{
    internal const int NonceBytes = 12;
    internal const int TagBytes = 16;
    private readonly byte[] _key32 = GC.AllocateArray<byte>(KeyEncryptionKey.Length, pinned: true);

    // A cipher is for one thread at a time, and making one costs more than sealing with it.
    private readonly ConcurrentBag<AesGcm> _ciphers = [];

    private long _allowance;

    private DataKey(int epoch) => Epoch = epoch;

    public int Epoch { get; }

    /// <summary>Which key this is; derived from it (HKDF-SHA256) and not secret.</summary>
    public KeyId Id { get; private set; }

    /// <summary>Draws a fresh key.</summary>
    public static DataKey Draw(int epoch, Entropy entropy)
    {
        Span<byte> key32 = stackalloc byte[KeyEncryptionKey.Length];
        entropy(key32);
        return Take(epoch, key32);
    }

    /// <summary>How many messages may still be sealed under the key before more are reserved in the ring.</summary>
    public long Allowance => Volatile.Read(ref _allowance);

    /// <summary>Lets further messages be sealed. Only what the ring has reserved durably may be granted.</summary>
    public void Grant(long messages) => Interlocked.Add(ref _allowance, messages);

    /// <summary>Counts messages that are about to be sealed; false, and nothing counted, when so many are not allowed.</summary>
    public bool TryTake(int messages)
    {
        while (Allowance is var allowed && allowed >= messages)
        {
            if (Interlocked.CompareExchange(ref _allowance, allowed - messages, allowed) == allowed)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key32);
        while (_ciphers.TryTake(out AesGcm? cipher))
        {
            cipher.Dispose();
        }
    }

    public override string ToString() => $"data key of epoch {Epoch} <redacted>";

    internal static DataKey Take(int epoch, Span<byte> key32)
    {
        DataKey key = new(epoch);
        key32.CopyTo(key._key32);
        CryptographicOperations.ZeroMemory(key32);
        key.Id = IdOf(key._key32, "SignerCluster/data-key id"u8);
        return key;
    }

    internal static KeyId IdOf(ReadOnlySpan<byte> key32, ReadOnlySpan<byte> label)
    {
        Span<byte> id = stackalloc byte[8];
        HKDF.Expand(HashAlgorithmName.SHA256, key32, id, label);
        return new KeyId(BinaryPrimitives.ReadUInt64BigEndian(id));
    }

    internal void CopyTo(Span<byte> key32) => _key32.CopyTo(key32);

    internal void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> cipherText, Span<byte> tag, ReadOnlySpan<byte> associated)
    {
        AesGcm cipher = Borrow();
        cipher.Encrypt(nonce, plain, cipherText, tag, associated);
        _ciphers.Add(cipher);
    }

    internal bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cipherText, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> associated)
    {
        AesGcm cipher = Borrow();
        try
        {
            cipher.Decrypt(nonce, cipherText, tag, plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            _ciphers.Add(cipher);
        }
    }

    private AesGcm Borrow() => _ciphers.TryTake(out AesGcm? cipher) ? cipher : new AesGcm(_key32, TagBytes);
}
