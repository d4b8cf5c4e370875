using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>A broker behind TLS: only the operator's own authority and the right name count.</summary>
[Collection(BrokerTests.Name)]
public sealed class TlsTests(TestBroker broker) : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority("ours");
    private readonly int _tlsPort = FreePort();

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

    [Fact]
    public async Task Asks_are_answered_over_the_brokers_own_tls_and_its_expired_certificate_is_named()
    {
        await using (await ListenAsync(hours: 1))
        {
            Tuning ours = new() { Tls = new BrokerTls(Path.Combine(_folder, "ca.pem"), "127.0.0.1") };
            await using RabbitMqEngine alice = await StartSecureAsync(
                broker.Alice, "alice-1", Hosts.Engine(static (_, request) => new(request)), new BrokerRoutes(static _ => null, []), ours);
            await using RabbitMqEngine asker = await StartSecureAsync(
                broker.Coordinator, "coordinator-1", local: null, new BrokerRoutes(broker.PartyOf, [broker.Alice]), ours);
            Assert.Equal([1, 2, 3], (await asker.AskAsync("echo/alice/one", 1, 2, 3)).ToArray());

            string others = Path.Combine(_folder, "others.pem");
            using X509Certificate2 other = Authority("others");
            await File.WriteAllTextAsync(others, other.ExportCertificatePem());
            Tuning theirs = new() { Tls = new BrokerTls(others, "127.0.0.1") };
            EngineException stranger = await Assert.ThrowsAsync<EngineException>(
                () => StartSecureAsync(broker.Alice, "alice-2", local: null, new BrokerRoutes(static _ => null, []), theirs));
            Assert.Equal(("broker_not_trusted", false), (stranger.Code, stranger.IsTransient));
            Assert.Contains("issued by CN=ours, leads to no authority", stranger.Message, StringComparison.Ordinal);
            Assert.Contains(others, stranger.Message, StringComparison.Ordinal);
        }

        await using (await ListenAsync(hours: -1))
        {
            Tuning ours = new() { Tls = new BrokerTls(Path.Combine(_folder, "ca.pem"), "127.0.0.1") };
            EngineException expired = await Assert.ThrowsAsync<EngineException>(
                () => StartSecureAsync(broker.Alice, "alice-1", local: null, new BrokerRoutes(static _ => null, []), ours));
            Assert.Equal(("broker_not_trusted", false), (expired.Code, expired.IsTransient));
            Assert.Contains("CN=a broker expired on", expired.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("other.test", ServerAuthentication, true, "CN=a broker is not for broker.test")]
    [InlineData("broker.test", ClientAuthentication, true, "is not made for servers")]
    [InlineData("broker.test", ServerAuthentication, false, "leads to no authority that is trusted")]
    public async Task A_broker_of_another_name_another_purpose_or_another_authority_is_not_trusted(string name, string purpose, bool isOurs, string reason)
    {
        using X509Certificate2 other = Authority("others");
        await using CutProxy line = Line(isOurs ? _authority : other, name, purpose);
        EngineException fault = await Assert.ThrowsAsync<EngineException>(() => StartAsync(line, "broker.test"));
        Assert.Equal(("broker_not_trusted", false), (fault.Code, fault.IsTransient));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_authorities_that_is_missing_or_empty_is_named()
    {
        string empty = Path.Combine(_folder, "empty.pem");
        await File.WriteAllTextAsync(empty, "nothing");
        foreach (string path in (string[])[empty, Path.Combine(_folder, "none.pem")])
        {
            EngineException fault = await Assert.ThrowsAsync<EngineException>(
                () => broker.StartAskerAsync(tune: tuning => tuning.Tls = new BrokerTls(path, "broker.test")));
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

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, string purpose, int hours = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using X509Certificate2 issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(hours), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    private Task<RabbitMqEngine> StartSecureAsync(string party, string node, IEngine? local, BrokerRoutes routes, Tuning tuning) =>
        TestBroker.StartAsync(broker.SettingsOf(party, node, _tlsPort, mine => mine.Tls = tuning.Tls), routes, local);

    /// <summary>Has the broker itself listen for TLS, with a certificate that is good for so many hours from now, until disposed.</summary>
    private async Task<IAsyncDisposable> ListenAsync(int hours)
    {
        using X509Certificate2 certificate = Issue(_authority, "broker.test", ServerAuthentication, hours);
        await File.WriteAllTextAsync(Path.Combine(_folder, "ca.pem"), _authority.ExportCertificatePem());
        // The broker remembers the content of a certificate's file for minutes.
        string name = hours > 0 ? "good" : "expired";
        await File.WriteAllTextAsync(Path.Combine(_folder, $"{name}.pem"), certificate.ExportCertificatePem());
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(Path.Combine(_folder, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        // The broker runs as a user of its own.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        await broker.ControlAsync(
            "eval",
            $$"""
            {ok, _} = application:ensure_all_started(ssl),
            ok = rabbit_networking:start_ssl_listener({{Place}}, [{cacertfile, "{{_folder}}/ca.pem"}, {certfile, "{{_folder}}/{{name}}.pem"}, {keyfile, "{{_folder}}/{{name}}.key"}, {versions, ['tlsv1.3']}], 2).
            """);
        return new Listening(broker, Place);
    }

    private string Place => $"{{{{127,0,0,1}}, {_tlsPort}, inet}}";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Listening(TestBroker broker, string place) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await broker.ControlAsync("eval", $"rabbit_networking:stop_tcp_listener({place}).");
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
