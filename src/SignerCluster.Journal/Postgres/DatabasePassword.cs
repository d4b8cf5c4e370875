using System.Security.Cryptography;
using System.Text;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// A password of 1..512 printable ASCII characters. Kept in memory that does not move; zeroed when disposed. Npgsql is handed a copy at each connection.
/// </summary>
public sealed class DatabasePassword : IDisposable
{
    private const int MaximumLength = 512;
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    private readonly byte[] _ascii;
    private int _isDisposed;

    private DatabasePassword(byte[] ascii) => _ascii = ascii;

    internal ReadOnlySpan<byte> Ascii
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return _ascii;
        }
    }

    /// <summary>
    /// Reads a file that holds the password and nothing else; one line break at its end does not count. Throws <see cref="DataDirectoryException"/>:
    /// <c>password_file_missing</c> when it cannot be read, <c>password_file_exposed</c> when anyone but its owner may touch it, <c>password_file_invalid</c>.
    /// </summary>
    public static DatabasePassword Load(string path)
    {
        byte[] content = GC.AllocateArray<byte>(MaximumLength + 2, pinned: true);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
                throw Refusal("password_file_exposed", $"{path} may be read by others than its owner. Run: chmod 600 {path}");
            ReadOnlySpan<byte> text = content.AsSpan(0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
            text = text.EndsWith("\n"u8) ? text[..^1] : text;
            text = text.EndsWith("\r"u8) ? text[..^1] : text;
            return IsPassword(text)
                ? Take(text)
                : throw Refusal("password_file_invalid", $"{path} must hold one password of 1..{MaximumLength} printable ASCII characters and nothing else.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("password_file_missing", $"The password file {path} cannot be read: {fault.Message}", isTransient: false, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Copies a password; the caller wipes its own. Throws <see cref="ArgumentException"/> for one that is not allowed.</summary>
    public static DatabasePassword Take(ReadOnlySpan<byte> ascii)
    {
        if (!IsPassword(ascii))
            throw new ArgumentException($"A database password is 1..{MaximumLength} printable ASCII characters.", nameof(ascii));
        byte[] own = GC.AllocateUninitializedArray<byte>(ascii.Length, pinned: true);
        ascii.CopyTo(own);
        return new DatabasePassword(own);
    }

    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, 1);
        CryptographicOperations.ZeroMemory(_ascii);
    }

    public override string ToString() => "<redacted>";

    // Npgsql takes nothing else.
    internal string Reveal() => Encoding.ASCII.GetString(Ascii);

    private static bool IsPassword(ReadOnlySpan<byte> text) => text.Length is >= 1 and <= MaximumLength && !text.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static DataDirectoryException Refusal(string code, string message) => new(code, message, isTransient: false);
}
