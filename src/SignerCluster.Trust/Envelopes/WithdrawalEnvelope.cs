using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Envelopes;

/// <summary>A result of a withdrawal, signed by a node's session key, which the party's identity vouches for.</summary>
/// <param name="Identity">The party's identity key, as the roster names it.</param>
/// <param name="CertificateSignature">BIP-0340, by the identity over the certificate's digest.</param>
/// <param name="Signature">Ed25519 (RFC 8032), by the session key over the result's digest.</param>
public sealed record WithdrawalEnvelope(
    WithdrawalResult Result, SessionCertificate Certificate, XOnlyPublicKey Identity, Bytes64 CertificateSignature, Bytes64 Signature)
{
    /// <summary>
    /// What is wrong with it; null when everything holds: the identity is the expected one and vouches for the session key, that key signed the result, the
    /// record is in the chain, and every Bitcoin signature verifies. Needs nothing but the envelope and the identity key.
    /// </summary>
    public string? Fault(XOnlyPublicKey expectedIdentity) => this switch
    {
        _ when Identity != expectedIdentity => $"The certificate is by {Identity}, and {expectedIdentity} was expected.",
        _ when !Bip340.Verify(Identity, Certificate.ComputeDigest().AsSpan(), CertificateSignature) => "The identity key did not sign the certificate.",
        _ when !IsSigned() => "The session key did not sign the result.",
        _ when Result.IssuedAt < Certificate.IssuedAt => "The result is older than the session key that signed it.",
        _ => Result.Fault(),
    };

    private bool IsSigned()
    {
        if (!Ed25519.ValidatePublicKeyFull(Certificate.SessionKey.AsSpan()))
        {
            return false;
        }

        byte[] digest = Result.ComputeDigest().AsSpan().ToArray();
        byte[] signature = Signature.AsSpan().ToArray();
        return new Ed25519PublicKeyParameters(Certificate.SessionKey.AsSpan()).Verify(
            Ed25519.Algorithm.Ed25519, null, digest, 0, digest.Length, signature, 0);
    }
}
