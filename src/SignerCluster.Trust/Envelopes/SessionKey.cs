using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Envelopes;

/// <summary>
/// An Ed25519 key that a process draws when it begins and keeps in memory only, with its party's word that it speaks for the node. What it signs shows which
/// life of which node said it. It moves no money: BouncyCastle keeps it in memory that is neither pinned nor zeroed. Safe for concurrent use.
/// </summary>
public sealed class SessionKey
{
    private readonly Ed25519PrivateKeyParameters _key;

    private SessionKey(Ed25519PrivateKeyParameters key, SessionCertificate certificate, XOnlyPublicKey identity, Bytes64 signature) =>
        (_key, Certificate, Identity, CertificateSignature) = (key, certificate, identity, signature);

    public SessionCertificate Certificate { get; }

    /// <summary>The key that the certificate's signature verifies under.</summary>
    public XOnlyPublicKey Identity { get; }

    /// <summary>By the party's identity key (BIP-0340) over the certificate's digest.</summary>
    public Bytes64 CertificateSignature { get; }

    /// <summary>Draws a key and lets the party's identity vouch for it.</summary>
    /// <param name="node">Which of the party's nodes it speaks for.</param>
    public static SessionKey Begin(string party, string node, IdentityKey identity, Entropy entropy, DateTimeOffset now)
    {
        Span<byte> seed32 = stackalloc byte[32];
        Span<byte> auxiliary32 = stackalloc byte[32];
        entropy(seed32);
        entropy(auxiliary32);
        Ed25519PrivateKeyParameters key = new(seed32);
        CryptographicOperations.ZeroMemory(seed32);
        SessionCertificate certificate = new(
            party, node, FixedBytes.From<Bytes32>(key.GeneratePublicKey().GetEncoded()), (ulong)now.ToUnixTimeSeconds());
        return new SessionKey(key, certificate, identity.Public, identity.Sign(certificate.ComputeDigest().AsSpan(), auxiliary32));
    }

    /// <summary>Puts a result into an envelope of this key.</summary>
    public WithdrawalEnvelope Seal(WithdrawalResult result)
    {
        byte[] signature = new byte[Ed25519PrivateKeyParameters.SignatureSize];
        byte[] digest = result.ComputeDigest().AsSpan().ToArray();
        _key.Sign(Ed25519.Algorithm.Ed25519, null, digest, 0, digest.Length, signature, 0);
        return new WithdrawalEnvelope(result, Certificate, Identity, CertificateSignature, FixedBytes.From<Bytes64>(signature));
    }

    public override string ToString() => $"session key {Certificate.SessionKey} of {Certificate.Node} <redacted>";
}
