using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Journal;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>A server that speaks TLS itself: only the operator's own authority and the right name count, and a refusal says what is wrong.</summary>
public sealed class TlsTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority("ours");

    public TlsTests() => File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());

    private string AuthorityFile => Path.Combine(_folder, "ca.pem");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_journal_is_written_over_tls_and_a_server_that_proves_nothing_is_refused_with_the_reason()
    {
        using X509Certificate2 good = Issue(_authority, "localhost", ServerAuthentication, hours: 1);
        await using PrivateServer server = await PrivateServer.StartAsync(good);
        PostgresSettings settings = server.Settings with { UsesTls = true, AuthoritiesFile = AuthorityFile };
        await using (PostgresDatabase database = PostgresDatabase.Create(settings))
        {
            await PostgresSchema.MigrateAsync(database, CancellationToken.None);
            await using PostgresJournal journal = await PostgresJournal.OpenAsync(database, CancellationToken.None);
            EntityId id = EntityId.Parse("test/one");
            JournalAppend append = new(id, 0, [new JournalEntry("first", new byte[] { 1 })], OpenAfter: true, Guid.NewGuid(), DateTimeOffset.UtcNow);
            Assert.IsType<AppendOutcome.Appended>(await journal.AppendAsync(append));
            Assert.Single(await journal.ReadAsync(id, 0, CancellationToken.None));
            Assert.Equal(
                [true],
                await database.AskAsync(
                    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", static reader => reader.GetBoolean(0), CancellationToken.None));
        }

        // The name of the certificate counts, not that the address is the same.
        await using (PostgresDatabase byName = PostgresDatabase.Create(settings with { Host = "localhost" }))
            Assert.Null(await byName.FindWriteFaultAsync(CancellationToken.None));

        using X509Certificate2 stranger = Authority("others");
        using X509Certificate2 theirs = Issue(stranger, "localhost", ServerAuthentication, hours: 1);
        using X509Certificate2 otherName = Issue(_authority, "other.test", ServerAuthentication, hours: 1, isOfAddress: false);
        using X509Certificate2 client = Issue(_authority, "localhost", ClientAuthentication, hours: 1);
        using X509Certificate2 expired = Issue(_authority, "localhost", ServerAuthentication, hours: -1);
        await RefusedAsync(server, settings, theirs, "issued by CN=others, leads to no authority that is trusted");
        await RefusedAsync(server, settings, otherName, "CN=a server is not for 127.0.0.1");
        await RefusedAsync(server, settings, client, "is not made for servers");
        await RefusedAsync(server, settings, expired, "CN=a server expired on");
    }

    [Fact]
    public void A_file_of_authorities_that_is_missing_or_empty_is_named()
    {
        string empty = Path.Combine(_folder, "empty.pem");
        File.WriteAllText(empty, "nothing");
        foreach (string path in (string[])[empty, Path.Combine(_folder, "none.pem")])
        {
            JournalException fault = Assert.Throws<JournalException>(
                () => PostgresDatabase.Create(new PostgresSettings { Host = "database.example", Database = "d", User = "u", AuthoritiesFile = path }));
            Assert.Equal(("storage_ca_invalid", false), (fault.Code, fault.IsTransient));
            Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        }
    }

    private static async Task RefusedAsync(PrivateServer server, PostgresSettings settings, X509Certificate2 certificate, string reason)
    {
        await server.ShowAsync(certificate);
        JournalException fault;
        long start = TimeProvider.System.GetTimestamp();
        do
        {
            // The server takes a moment to read the new certificate.
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"The server did not come to show what is refused because it {reason}.");
            await using PostgresDatabase database = PostgresDatabase.Create(settings);
            _ = await database.FindWriteFaultAsync(CancellationToken.None);
            fault = database.LastFault ?? new JournalException("none", string.Empty, isTransient: true);
        }
        while (!fault.Message.Contains(reason, StringComparison.Ordinal));
        Assert.Equal(("storage_not_trusted", false), (fault.Code, fault.IsTransient));
        Assert.Contains(settings.AuthoritiesFile!, fault.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, string purpose, int hours, bool isOfAddress = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (isOfAddress)
            names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using X509Certificate2 issued = request.Create(
            authority, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(hours), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
