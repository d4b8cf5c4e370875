using System.Security.Cryptography;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// A key of 64 hex digits in a regular file that belongs to the user of this process and that nobody else may touch. A link may lead to it: a key that is not
/// the ring's is found out when the ring is opened.
/// </summary>
public sealed class FileKeyProvider(string path) : IKeyProvider
{
    /// <summary>
    /// Draws a key and writes it to a new file with mode 0600; the file and its name are on disk when this returns.
    /// Throws <see cref="DataDirectoryException"/> (<c>data_unwritable</c>) when there is a file already, or none can be written.
    /// </summary>
    public static FileKeyProvider Create(string path, Entropy entropy)
    {
        Span<byte> key32 = stackalloc byte[KeyEncryptionKey.Length];
        Span<byte> hex = stackalloc byte[KeyText.Digits];
        try
        {
            entropy(key32);
            Convert.TryToHexStringLower(key32, hex, out _);
            DurableFile.Create(path, hex);
            return new FileKeyProvider(path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key32);
            CryptographicOperations.ZeroMemory(hex);
        }
    }

    /// <summary>Copies a key file to a new one. Throws as <see cref="Create"/>, and as <see cref="SecretFile.Read"/> for the file that is copied.</summary>
    public static void Copy(string from, string to)
    {
        Span<byte> text = stackalloc byte[KeyText.Room];
        try
        {
            DurableFile.Create(to, text[..SecretFile.Read(from, text)]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Reads the file anew. Never makes one: data sealed under a lost key must not meet a fresh one.</summary>
    public ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<KeyEncryptionKey>(Fetch());
    }

    public override string ToString() => $"key file {path}";

    private KeyEncryptionKey Fetch()
    {
        Span<byte> text = stackalloc byte[KeyText.Room];
        try
        {
            return KeyText.Take(text[..SecretFile.Read(path, text)])
                ?? throw new KeyProviderException("key_invalid", $"{path} does not hold a key of 64 hex digits.", isTransient: false);
        }
        catch (DataDirectoryException fault)
        {
            string advice =
                fault.Code == SecretFile.Unavailable ? " Put back the key that this data was sealed under, or make one for new data." : string.Empty;
            throw new KeyProviderException(fault.Code, fault.Message + advice, fault.IsTransient, fault.InnerException);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }
}
