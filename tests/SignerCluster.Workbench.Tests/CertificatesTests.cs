using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SignerCluster.Host.Tests.Verbs;

namespace SignerCluster.Workbench.Tests;

/// <summary>Certificates that the database of a development cluster can show.</summary>
public sealed class CertificatesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-certificates").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Certificates_are_of_one_authority_for_the_hosts_that_were_named()
    {
        Ended made = await WorkbenchProcess.RunAsync(
            "pki", "certificates", "--out", PathOf("tls"), "--host", "database.example", "--host", "127.0.0.1", "--json");
        Assert.Equal(2, made.Done().GetProperty("certificates").GetArrayLength());
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(PathOf("tls/ca.pem"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(PathOf("tls/database.key")));
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(PathOf("tls/database.pem"), PathOf("tls/database.key"));
        Assert.True(certificate.MatchesHostname("database.example") && certificate.MatchesHostname("127.0.0.1"));
        Assert.False(certificate.MatchesHostname("other.example"));
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(static status => status.StatusInformation)));

        (await WorkbenchProcess.RunAsync("pki", "certificates", "--out", PathOf("tls"), "--host", "localhost", "--json")).Failed(2, "out_exists");
        JsonElement shown = (await SignerProcess.RunAsync("pki", "show", PathOf("tls/database.pem"), "--json")).Done().GetProperty("certificates")[0];
        Assert.Equal(("CN=database", "valid"), (shown.GetProperty("subject").GetString(), shown.GetProperty("state").GetString()));
        (await WorkbenchProcess.RunAsync("pki", "certificates", "--out", PathOf("other"), "--host", "not a host", "--json")).Failed(2, "host_malformed");
        Assert.False(Directory.Exists(PathOf("other")));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
