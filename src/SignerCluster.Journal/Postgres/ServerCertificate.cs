using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// Judges the certificate that a server shows over TLS, the same way for every adapter: it must be valid now, made for servers, carry the name that was asked
/// for and lead to an authority that is trusted.
/// </summary>
/// <param name="authorities">Certificates of those who may vouch for the server, and nobody else may; null for those of the operating system.</param>
/// <param name="serverName">The DNS name or address that the certificate must carry.</param>
public sealed class ServerCertificate(X509Certificate2Collection? authorities, string serverName, TimeProvider time)
{
    // Server authentication (RFC 5280 §4.2.1.12): a client's certificate of the same authority is no server's.
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>
    /// For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>, with the server's name as the target host. Returns true for a
    /// server that is trusted; throws <see cref="AuthenticationException"/> with the reason for every other.
    /// </summary>
    public bool Validate(object sender, X509Certificate? shown, X509Chain? sent, SslPolicyErrors errors) =>
        WhyRefused(shown, sent, errors) is { } reason ? throw new AuthenticationException(reason) : true;

    /// <summary>What is wrong with the certificate, as a sentence without its subject's keys; null when the server is trusted.</summary>
    /// <param name="sent">The certificates that the server sent with its own.</param>
    /// <param name="errors">What the handshake found; of it the name and the presence of a certificate count, the chain is built anew.</param>
    public string? WhyRefused(X509Certificate? shown, X509Chain? sent, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "It shows no certificate.";
        }

        using X509Chain chain = Build(certificate, sent);
        bool isTrusted = chain.Build(certificate);
        return (Untimely(chain), isTrusted, errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) switch
        {
            ({ } untimely, _, _) => untimely,
            (_, false, _) => Untrusted(certificate, chain),
            (_, _, true) => $"Its certificate {certificate.Subject} is not for {serverName}.",
            _ => null,
        };
    }

    private X509Chain Build(X509Certificate2 certificate, X509Chain? sent)
    {
        X509Chain chain = new();
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (authorities is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(
                sent.ChainElements.Select(static element => element.Certificate).Where(other => !other.Equals(certificate)).ToArray());
        }

        return chain;
    }

    /// <summary>The first certificate of the chain that is not valid at this time.</summary>
    private string? Untimely(X509Chain chain)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        foreach (X509Certificate2 certificate in chain.ChainElements.Select(static element => element.Certificate))
        {
            if (now > certificate.NotAfter.ToUniversalTime())
            {
                return $"The certificate {certificate.Subject} expired on {Text(certificate.NotAfter)}. Have it renewed.";
            }

            if (now < certificate.NotBefore.ToUniversalTime())
            {
                return $"The certificate {certificate.Subject} is valid from {Text(certificate.NotBefore)} on. Is this machine's clock right?";
            }
        }

        return null;
    }

    private static string Untrusted(X509Certificate2 certificate, X509Chain chain) =>
        chain.ChainStatus.Any(static status => status.Status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            ? $"Its certificate {certificate.Subject} is not made for servers."
            : $"Its certificate {certificate.Subject}, issued by {certificate.Issuer}, leads to no authority that is trusted.";

    private static string Text(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
