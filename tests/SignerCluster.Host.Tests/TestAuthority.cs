using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Host.Tests;

/// <summary>A certificate that signs itself, in a PEM file as operators have it.</summary>
internal static class TestAuthority
{
    internal const string Subject = "CN=Authority of a test";

    /// <summary>Writes the file, and returns its path.</summary>
    internal static string Write(string path, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(notBefore, notAfter);
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }
}
