using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Runtime;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>A broker behind TLS: only the operator's own authority and the right name count.</summary>
[Collection(BrokerTests.Name)]
public sealed class TlsTests(TestBroker broker) : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority("ours");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_broker_of_the_operators_authority_and_of_the_right_name_is_trusted()
    {
        await using CutProxy line = Line(_authority, "broker.test", ServerAuthentication);
        await using RabbitMqEngine asker = await StartAsync(line, "broker.test");
        Assert.Equal("unroutable", (await asker.FailAsync("echo/alice/one", 1)).Code);
    }

    [Theory]
    [InlineData("other.test", ServerAuthentication, true)]
    [InlineData("broker.test", ClientAuthentication, true)]
    [InlineData("broker.test", ServerAuthentication, false)]
    public async Task A_broker_of_another_name_another_purpose_or_another_authority_is_not_trusted(string name, string purpose, bool isOurs)
    {
        using X509Certificate2 other = Authority("others");
        await using CutProxy line = Line(isOurs ? _authority : other, name, purpose);
        EngineException fault = await Assert.ThrowsAsync<EngineException>(() => StartAsync(line, "broker.test"));
        Assert.Equal(("broker_not_trusted", false), (fault.Code, fault.IsTransient));
        Assert.Contains("broker.test", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_authorities_that_is_missing_or_empty_is_named()
    {
        string empty = Path.Combine(_folder, "empty.pem");
        await File.WriteAllTextAsync(empty, "nothing");
        foreach (string path in (string[])[empty, Path.Combine(_folder, "none.pem")])
        {
            EngineException fault = await Assert.ThrowsAsync<EngineException>(() => broker.StartAskerAsync(tune: tuning => tuning.Tls = new BrokerTls(path, "broker.test")));
            Assert.Equal(("broker_ca_invalid", false), (fault.Code, fault.IsTransient));
            Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using X509Certificate2 issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    private CutProxy Line(X509Certificate2 authority, string name, string purpose) => new(broker.Port, async stream =>
    {
        using X509Certificate2 certificate = Issue(authority, name, purpose);
        var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(certificate);
        return secured;
    });

    private async Task<RabbitMqEngine> StartAsync(CutProxy line, string serverName)
    {
        string path = Path.Combine(_folder, "ca.pem");
        await File.WriteAllTextAsync(path, _authority.ExportCertificatePem());
        return await broker.StartAskerAsync(port: line.Port, tune: tuning => tuning.Tls = new BrokerTls(path, serverName));
    }
}
