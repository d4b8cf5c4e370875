using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Host.Pki;

namespace SignerCluster.Workbench.Pki;

/// <summary>
/// An authority for development and the certificate of the database: ECDSA on P-256, good for 90 days. In production operators bring their own.
/// </summary>
internal static class DevelopmentCertificates
{
    private static readonly TimeSpan _validity = TimeSpan.FromDays(90);
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);
    private static readonly string[] _servers = ["database"];

    /// <summary>
    /// Writes <c>ca.pem</c>, <c>ca.key</c>, and <c>.pem</c> and <c>.key</c> of <c>database</c>; keys are readable by their owner only.
    /// Returns the certificates' paths, the authority's first. Throws <see cref="UsageException"/> (<c>out_exists</c>) and writes nothing when one of them is
    /// there.
    /// </summary>
    internal static IReadOnlyList<string> Write(string folder, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        string[] names = ["ca", .. _servers];
        if (names.SelectMany(name => (string[])[Certificate(folder, name), Key(folder, name)]).FirstOrDefault(File.Exists) is { } taken)
        {
            throw new UsageException(
                "out_exists", $"--out: {taken} is there already and is not overwritten. Give another folder, or move the old certificates away.");
        }

        Directory.CreateDirectory(folder);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 authority = Authority(authorityKey, now);
        Save(folder, "ca", authority, authorityKey);
        foreach (string server in _servers)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using X509Certificate2 certificate = Server(server, key, hosts, authority, now);
            Save(folder, server, certificate, key);
        }

        return [.. names.Select(name => Certificate(folder, name))];
    }

    private static X509Certificate2 Authority(ECDsa key, DateTimeOffset now)
    {
        CertificateRequest request = new("CN=SignerCluster development authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - _clockSkew, now + _validity);
    }

    private static X509Certificate2 Server(string name, ECDsa key, IReadOnlyList<string> hosts, X509Certificate2 authority, DateTimeOffset now)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        SubjectAlternativeNameBuilder names = new();
        foreach (string host in hosts)
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        // Positive, as a serial number has to be.
        serial[0] = (byte)((serial[0] & 0x7F) | 1);
        return request.Create(authority, now - _clockSkew, new DateTimeOffset(authority.NotAfter.ToUniversalTime()), serial);
    }

    private static void Save(string folder, string name, X509Certificate2 certificate, ECDsa key) =>
        PemFiles.Write(Certificate(folder, name), certificate, Key(folder, name), key);

    private static string Certificate(string folder, string name) => Path.Combine(folder, $"{name}.pem");

    private static string Key(string folder, string name) => Path.Combine(folder, $"{name}.key");
}
