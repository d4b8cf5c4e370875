using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Links.Tests;

/// <summary>A certificate of one party, self-signed and made for one test, as the two PEM files of a node.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-links-").FullName;

    /// <summary>A copy of what another one's files hold now.</summary>
    public TestCertificate(TestCertificate other)
    {
        File.Copy(other.CertificateFile, CertificateFile);
        File.Copy(other.KeyFile, KeyFile);
        Pin = other.Pin;
        Link = LinkCertificate.Load(CertificateFile, KeyFile, TimeProvider.System);
    }

    public TestCertificate(TimeSpan? validFrom = null, TimeSpan? validUntil = null)
    {
        Write(validFrom, validUntil);
        Link = LinkCertificate.Load(CertificateFile, KeyFile, TimeProvider.System);
    }

    public string CertificateFile => Path.Combine(_folder, "node.pem");

    public string KeyFile => Path.Combine(_folder, "node.key");

    public LinkCertificate Link { get; }

    public string Pin { get; private set; } = string.Empty;

    /// <summary>A new key and a new certificate in the same files.</summary>
    /// <param name="validFrom">From now.</param>
    /// <param name="validUntil">From now.</param>
    /// <returns>The new pin.</returns>
    public string Write(TimeSpan? validFrom = null, TimeSpan? validUntil = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=a node of a test", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate =
            request.CreateSelfSigned(now + (validFrom ?? TimeSpan.FromDays(-2)), now + (validUntil ?? TimeSpan.FromDays(2)));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        return Pin = LinkPins.Of(certificate);
    }

    public void Dispose()
    {
        Link.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
