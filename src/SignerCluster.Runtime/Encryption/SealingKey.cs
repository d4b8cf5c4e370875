using System.Security.Cryptography;

namespace SignerCluster.Runtime;

/// <summary>The 32-byte AES-256 key under which a participant's seat files are sealed. Lives in a file that only its owner may read.</summary>
public sealed class SealingKey : IDisposable
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] _key32 = GC.AllocateArray<byte>(32, pinned: true);

    private SealingKey()
    {
    }

    /// <summary>Draws a key and writes it to a new file with mode 0600.</summary>
    public static SealingKey Create(string path, Entropy entropy)
    {
        SealingKey key = new();
        entropy(key._key32);
        Span<byte> hex = stackalloc byte[64];
        Convert.TryToHexStringLower(key._key32, hex, out _);
        DurableFile.Create(path, hex);
        CryptographicOperations.ZeroMemory(hex);
        return key;
    }

    /// <summary>
    /// Reads a key of 64 hex digits. Throws <see cref="DataDirectoryException"/>: <c>key_file_exposed</c> when anyone but its owner may touch it,
    /// <c>file_invalid</c> when it is not a key, <c>data_missing</c> when it is not there.
    /// </summary>
    public static SealingKey Load(string path)
    {
        // 64 digits, a line end of one or two bytes, and one byte that shows when there is more.
        Span<byte> hex = stackalloc byte[67];
        try
        {
            int length = DurableFile.ReadInto(path, hex);
            if ((File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            {
                throw new DataDirectoryException("key_file_exposed", $"{path} may be read by others. Run: chmod 600 {path}", isTransient: false);
            }

            SealingKey key = new();
            ReadOnlySpan<byte> digits = hex[..length].TrimEnd("\r\n"u8);
            if (digits.Length != 64 || Convert.FromHexString(digits, key._key32, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                key.Dispose();
                throw new DataDirectoryException("file_invalid", $"{path} does not hold a key of 64 hex digits.", isTransient: false);
            }

            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(hex);
        }
    }

    /// <summary>Seals under AES-256-GCM: 12 bytes nonce, the ciphertext, 16 bytes tag. The nonce must be fresh; it is drawn from <paramref name="entropy"/>.</summary>
    public byte[] Seal(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> associated, Entropy entropy)
    {
        byte[] sealed_ = new byte[NonceBytes + secret.Length + TagBytes];
        Span<byte> nonce = sealed_.AsSpan(0, NonceBytes);
        entropy(nonce);
        using AesGcm cipher = new(_key32, TagBytes);
        cipher.Encrypt(nonce, secret, sealed_.AsSpan(NonceBytes, secret.Length), sealed_.AsSpan(NonceBytes + secret.Length), associated);
        return sealed_;
    }

    /// <summary>Opens into memory that the caller owns and must zero; false when key, bytes or associated bytes are not those that sealed it.</summary>
    public bool TryOpen(ReadOnlySpan<byte> @sealed, ReadOnlySpan<byte> associated, Span<byte> secret)
    {
        if (@sealed.Length != NonceBytes + secret.Length + TagBytes)
        {
            return false;
        }

        using AesGcm cipher = new(_key32, TagBytes);
        try
        {
            cipher.Decrypt(@sealed[..NonceBytes], @sealed.Slice(NonceBytes, secret.Length), @sealed[(NonceBytes + secret.Length)..], secret, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key32);

    public override string ToString() => "<redacted>";
}
