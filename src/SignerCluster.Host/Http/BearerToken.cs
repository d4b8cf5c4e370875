using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SignerCluster.Host.Http;

/// <summary>
/// The token that callers of the HTTP API present (RFC 6750). Only its hash is kept, and hashes are compared in constant time, so neither a
/// dump nor an answer's timing tells the token.
/// </summary>
internal sealed class BearerToken
{
    private const int MinimumLength = 32;
    private const int MaximumLength = 512;
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);

    // RFC 6750 b64token.
    private static readonly SearchValues<byte> _allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="u8);
    private readonly byte[] _hash;

    private BearerToken(byte[] hash) => _hash = hash;

    /// <summary>
    /// Reads a file that holds one token of 32..512 characters of <c>A-Z a-z 0-9 - . _ ~ + / =</c>; one line break at its end does not count.
    /// Throws <see cref="HttpSettingsException"/>: <c>http_token_missing</c> when it cannot be read, <c>http_token_exposed</c> when anyone but its
    /// owner may touch it, <c>http_token_invalid</c> when it holds something else.
    /// </summary>
    public static BearerToken Load(string path)
    {
        byte[] content = [];
        try
        {
            using FileStream file = File.OpenRead(path);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
            {
                throw new HttpSettingsException("http_token_exposed", $"{path} may be read by others than its owner. Run: chmod 600 {path}");
            }

            content = new byte[MaximumLength + 2];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            ReadOnlySpan<byte> token = content.AsSpan(0, length);
            token = token.EndsWith("\n"u8) ? token[..^1] : token;
            token = token.EndsWith("\r"u8) ? token[..^1] : token;
            return IsToken(token)
                ? new BearerToken(SHA256.HashData(token))
                : throw new HttpSettingsException(
                    "http_token_invalid",
                    $"{path} must hold one token of {MinimumLength}..{MaximumLength} characters of A-Z a-z 0-9 - . _ ~ + / = and nothing else.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new HttpSettingsException("http_token_missing", $"The token file {path} cannot be read: {fault.Message}", isTransient: false, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Is this the token? Takes the same time for every wrong one of its length.</summary>
    public bool Matches(string presented)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(presented), hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    public override string ToString() => "<redacted>";

    private static bool IsToken(ReadOnlySpan<byte> token) =>
        token.Length is >= MinimumLength and <= MaximumLength && !token.ContainsAnyExcept(_allowed);
}
