using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>An authority, and the certificates that it signed.</summary>
internal sealed class TestParty : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly List<X509Certificate2> _issued = [];

    internal TestParty()
    {
        CertificateRequest request = new("CN=Authority of a test", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>A certificate with its key, which was or is valid for nine days.</summary>
    internal X509Certificate2 Issue(int daysLeft = 8)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset end = DateTimeOffset.UtcNow.AddDays(daysLeft);
        using X509Certificate2 bare = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256)
            .Create(_authority, end.AddDays(-9), end, RandomNumberGenerator.GetBytes(8));
        _issued.Add(bare.CopyWithPrivateKey(key));
        return _issued[^1];
    }

    public void Dispose()
    {
        _issued.ForEach(static certificate => certificate.Dispose());
        _authority.Dispose();
        _key.Dispose();
    }
}
