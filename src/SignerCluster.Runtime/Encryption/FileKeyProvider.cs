using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SignerCluster.Runtime;

/// <summary>
/// A key of 64 hex digits in a regular file that belongs to the user of this process and that nobody else may touch. A symbolic link is followed, because
/// that is how orchestrators mount secrets, and because every rule is held against the opened file itself: a link can only lead to another file of
/// ours that is as private, and a key that is not the ring's is found out when the ring is opened.
/// </summary>
public sealed class FileKeyProvider(string path) : IKeyProvider
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

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
            // Looked at before it is opened, since to open a device or a pipe is to use it; and again afterwards, since it may have been exchanged.
            Demand(FileStatus.Of(path));
            using SafeFileHandle handle = FileStatus.Open(path);
            Demand(FileStatus.Of(handle));
            return KeyText.Take(text[..ReadAll(handle, text)])
                ?? throw new KeyProviderException("key_invalid", $"{path} does not hold a key of 64 hex digits.", isTransient: false);
        }
        catch (Win32Exception fault)
        {
            throw new KeyProviderException(
                "key_unavailable",
                $"The key file {path} cannot be read: {fault.Message}. Put back the key that this data was sealed under, or make one for new data.",
                isTransient: fault.NativeErrorCode is not (LibC.NoEntry or LibC.AccessDenied or LibC.NotADirectory or LibC.TooManyLinks),
                fault);
        }
        catch (IOException fault)
        {
            throw new KeyProviderException("key_unavailable", $"The key file {path} cannot be read: {fault.Message}", isTransient: true, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private void Demand(FileStatus status)
    {
        if (!status.IsRegular)
        {
            throw new KeyProviderException("key_invalid", $"{path} is not a regular file.", isTransient: false);
        }

        if (!status.IsOwn)
        {
            throw new KeyProviderException("key_file_exposed", $"{path} belongs to another user, who may read it. Give it to the user of this process.", isTransient: false);
        }

        if ((status.Permissions & Others) != UnixFileMode.None)
        {
            throw new KeyProviderException("key_file_exposed", $"{path} may be read by others. Run: chmod 600 {path}", isTransient: false);
        }
    }

    private static int ReadAll(SafeFileHandle handle, Span<byte> text)
    {
        int length = 0;
        while (length < text.Length && RandomAccess.Read(handle, text[length..], length) is > 0 and int read)
        {
            length += read;
        }

        return length;
    }
}
