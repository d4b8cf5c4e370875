using System.Security.Cryptography;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>
/// The secret by which a party is known: its messages are signed with it (BIP-0340) and its bundles are sealed to it. In pinned memory that
/// <see cref="Dispose"/> zeroes; safe for concurrent use until then.
/// </summary>
public sealed class IdentityKey : IDisposable
{
    private readonly SigningKey _key;

    private IdentityKey(SigningKey key) => _key = key;

    /// <summary>What the roster says of this party.</summary>
    public XOnlyPublicKey Public => _key.Public;

    internal SigningKey Key => _key;

    /// <summary>
    /// Draws a key and writes it as 64 hex digits to a new file with mode 0600, on disk when this returns. Throws <see cref="DataDirectoryException"/>
    /// (<c>data_unwritable</c>) when there is a file already, or none can be written.
    /// </summary>
    public static IdentityKey Create(string path, Entropy entropy)
    {
        Span<byte> secret32 = stackalloc byte[32];
        Span<byte> hex = stackalloc byte[KeyText.Digits];
        try
        {
            IdentityKey? drawn = null;
            while (drawn is null)
            {
                entropy(secret32);
                drawn = TryTake(secret32);
            }

            Convert.TryToHexStringLower(secret32, hex, out _);
            DurableFile.Create(path, hex);
            return drawn;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret32);
            CryptographicOperations.ZeroMemory(hex);
        }
    }

    /// <summary>
    /// Reads a file that its owner alone may touch. Throws <see cref="DataDirectoryException"/> (<c>identity_missing</c>, <c>identity_invalid</c>,
    /// <c>key_file_exposed</c>) that says what to do.
    /// </summary>
    public static IdentityKey Load(string path)
    {
        Span<byte> text = stackalloc byte[KeyText.Room];
        Span<byte> secret32 = stackalloc byte[32];
        try
        {
            bool isText = KeyText.TryRead(text[..SecretFile.Read(path, text)], secret32);
            return (isText ? TryTake(secret32) : null)
                ?? throw new DataDirectoryException(
                    "identity_invalid",
                    $"{path} does not hold an identity key of 64 hex digits. Put back the key whose public part the roster names.",
                    isTransient: false);
        }
        catch (DataDirectoryException fault) when (fault.Code == SecretFile.Unavailable)
        {
            throw new DataDirectoryException(
                "identity_missing",
                $"{fault.Message} Put back this party's identity key, or make one for a new party: signer pki identity --out {path}",
                fault.IsTransient,
                fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(secret32);
        }
    }

    /// <summary>Signs a message of any length with 32 bytes of auxiliary randomness. Returns 64 bytes.</summary>
    public Bytes64 Sign(ReadOnlySpan<byte> message, ReadOnlySpan<byte> auxiliary32) => _key.Sign(message, auxiliary32);

    /// <summary>Zeroes the memory. Safe to call twice.</summary>
    public void Dispose() => _key.Dispose();

    public override string ToString() => $"identity {Public} <redacted>";

    /// <summary>Copies 32 bytes; null when they are no secret key.</summary>
    internal static IdentityKey? TryTake(ReadOnlySpan<byte> secret32)
    {
        if (!SecretScalar.TryParse(secret32, out SecretScalar? scalar))
        {
            return null;
        }

        using (scalar)
        {
            return new IdentityKey(new SigningKey(scalar));
        }
    }
}
