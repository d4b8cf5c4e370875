using System.Globalization;
using System.Security.Cryptography;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// What a server stores of a password (RFC 5803 as PostgreSQL writes it), made here so that neither the password nor anything that it could be guessed from
/// quickly is in a statement that the server may log.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096;
    private const int SaltLength = 16;

    public static string Of(DatabasePassword password, ReadOnlySpan<byte> salt16)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt16.Length, SaltLength, nameof(salt16));
        Span<byte> salted = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> clientKey = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(password.Ascii, salt16, salted, Iterations, HashAlgorithmName.SHA256);
            HMACSHA256.HashData(salted, "Client Key"u8, clientKey);
            string storedKey = Convert.ToBase64String(SHA256.HashData(clientKey));
            string serverKey = Convert.ToBase64String(HMACSHA256.HashData(salted, "Server Key"u8));
            return string.Create(CultureInfo.InvariantCulture, $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt16)}${storedKey}:{serverKey}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salted);
            CryptographicOperations.ZeroMemory(clientKey);
        }
    }
}
