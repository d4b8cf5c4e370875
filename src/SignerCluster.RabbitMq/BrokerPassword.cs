using System.Security.Cryptography;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>
/// The password of a user of the broker: 1..256 bytes without control characters, in pinned memory that is zeroed when it is disposed of.
/// It cannot be printed. Whoever made it disposes of it, after the engines that use it.
/// </summary>
public sealed class BrokerPassword : IDisposable
{
    private const int MaximumLength = 256;
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    private readonly byte[] _secret;

    /// <summary>Copies the password; throws <see cref="ArgumentException"/> for one of another length or with control characters.</summary>
    public BrokerPassword(ReadOnlySpan<byte> password)
    {
        if (!IsPassword(password))
            throw new ArgumentException(Rule, nameof(password));
        _secret = GC.AllocateArray<byte>(password.Length, pinned: true);
        password.CopyTo(_secret);
    }

    private static string Rule => $"A broker's password has 1..{MaximumLength} bytes and no control characters.";

    /// <summary>
    /// Reads a file that holds the password; one line break at its end does not count. Throws <see cref="EngineException"/>:
    /// <c>broker_password_missing</c> when it cannot be read, <c>broker_password_exposed</c> when anyone but its owner may touch it,
    /// <c>broker_password_invalid</c> when it holds something else.
    /// </summary>
    public static BrokerPassword Load(string path)
    {
        byte[] content = GC.AllocateArray<byte>(MaximumLength + 2, pinned: true);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
                throw Refused("broker_password_exposed", $"{path} may be read by others than its owner. Run: chmod 600 {path}");
            ReadOnlySpan<byte> password = content.AsSpan(0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
            password = password.EndsWith("\n"u8) ? password[..^1] : password;
            password = password.EndsWith("\r"u8) ? password[..^1] : password;
            return IsPassword(password) ? new BrokerPassword(password) : throw Refused("broker_password_invalid", $"{path} holds no password. {Rule}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Refused("broker_password_missing", $"The file of the broker's password cannot be read: {fault.Message}", fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    public override string ToString() => "<redacted>";

    /// <summary>RFC 4616: what the mechanism PLAIN sends. The caller zeroes it.</summary>
    internal byte[] ToPlainResponse(ReadOnlySpan<byte> user)
    {
        byte[] response = GC.AllocateArray<byte>(user.Length + _secret.Length + 2, pinned: true);
        user.CopyTo(response.AsSpan(1));
        _secret.CopyTo(response.AsSpan(user.Length + 2));
        return response;
    }

    /// <summary>RabbitMQ's <c>rabbit_password_hashing_sha256</c>: base64 of the salt and of SHA-256 over salt and password.</summary>
    /// <param name="salt4">Four random bytes.</param>
    internal string ToSaltedHash(ReadOnlySpan<byte> salt4)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt4.Length, 4, nameof(salt4));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt4);
        hash.AppendData(_secret);
        return Convert.ToBase64String([.. salt4, .. hash.GetHashAndReset()]);
    }

    private static bool IsPassword(ReadOnlySpan<byte> password)
    {
        foreach (byte c in password)
        {
            if (c is < 0x20 or 0x7f)
                return false;
        }

        return password.Length is >= 1 and <= MaximumLength;
    }

    private static EngineException Refused(string code, string message, Exception? inner = null) => new(code, message, isTransient: false, inner);
}
