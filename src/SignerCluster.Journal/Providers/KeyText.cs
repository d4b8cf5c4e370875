using System.Buffers;
using System.Security.Cryptography;

namespace SignerCluster.Journal.Providers;

/// <summary>How a key-encryption key is written: 64 hex digits of either case, and at most one line end (LF or CRLF) after them.</summary>
public static class KeyText
{
    public const int Digits = 2 * KeyEncryptionKey.Length;

    /// <summary>Memory to read a key's text into, in bytes: the digits, a line end, and one byte that shows when there is more.</summary>
    public const int Room = Digits + 3;

    /// <summary>The key that is written there, or null when it is not one. Zeroes the text in either case.</summary>
    public static KeyEncryptionKey? Take(Span<byte> text)
    {
        Span<byte> key32 = stackalloc byte[KeyEncryptionKey.Length];
        try
        {
            return TryRead(text, key32) ? KeyEncryptionKey.Take(key32) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key32);
        }
    }

    /// <summary>
    /// Writes the 32 bytes that are spelled there into memory that the caller zeroes; false when they are not. Zeroes the text in either case.
    /// </summary>
    public static bool TryRead(Span<byte> text, Span<byte> key32)
    {
        ReadOnlySpan<byte> digits = WithoutLineEnd(text);
        bool isKey = digits.Length == Digits && Convert.FromHexString(digits, key32, out _, out _) == OperationStatus.Done;
        CryptographicOperations.ZeroMemory(text);
        return isKey;
    }

    private static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> text) => text switch
    {
        [.. var line, (byte)'\r', (byte)'\n'] => line,
        [.. var line, (byte)'\n'] => line,
        _ => text,
    };
}
