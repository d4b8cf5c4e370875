using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SignerCluster.Journal.Documents;
using SignerCluster.Runtime.Trust;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>From nothing to bundles that their operators can open, and certificates that a server can show.</summary>
public sealed class PkiTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-pki").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Identities_a_roster_and_bundles_are_made_one_from_the_other()
    {
        foreach (string party in (string[])["coordinator", "alice", "bob"])
        {
            JsonElement made = (await SignerProcess.RunAsync("pki", "identity", "--out", PathOf($"{party}.key"), "--json")).Done();
            Assert.True(XOnlyPublicKey.TryParseHex(made.GetProperty("identity").GetString(), out _));
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(PathOf($"{party}.key")));
        }

        (await SignerProcess.RunAsync("pki", "identity", "--out", PathOf("alice.key"), "--json")).Failed(2, "out_exists");
        using IdentityKey bob = IdentityKey.Load(PathOf("bob.key"));
        JsonElement roster = (await SignerProcess.RunAsync(
            "pki", "roster", "--cluster", "bridge", "--out", PathOf("roster.json"), $"coordinator:coordinator:{PathOf("coordinator.key")}", $"alice:participant:{PathOf("alice.key")}", $"bob:participant:{bob.Public}", "--json")).Done();
        Assert.Equal(bob.Public.ToString(), roster.GetProperty("parties")[2].GetProperty("identity").GetString());
        Assert.Equal(3, Roster.Load(PathOf("roster.json")).Parties.Count);

        JsonElement group = (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("bundles"), "--threshold", "2", "--json")).Done();
        Assert.Equal(["group", "outputKey", "address", "threshold", "participants"], group.EnumerateObject().Select(static field => field.Name));
        Assert.Equal((2, 2), (group.GetProperty("threshold").GetInt32(), group.GetProperty("participants").GetInt32()));
        SeatBundle bundle = SeatBundle.Load(PathOf("bundles/bob.json"));
        Assert.Equal(1, Assert.Single(bundle.Open(bob)).Seat.Value);
        Assert.True(File.Exists(PathOf($"bundles/{group.GetProperty("group").GetString()}.json")));
        Assert.False(File.Exists(PathOf("bundles/coordinator.json")));

        JsonElement error = (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--data", PathOf("data"), "--threshold", "2", "--json")).Failed(2, "options_exclusive");
        Assert.Contains("--data and --roster", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--threshold", "2", "--json")).Failed(2, "options_incomplete");
        (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--threshold", "2", "--participants", "3", "--json")).Failed(2, "participants_missing");
        (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--threshold", "3", "--json")).Failed(2, "threshold_out_of_range");
        (await SignerProcess.RunAsync("pki", "roster", "--cluster", "bridge", "--out", PathOf("other.json"), $"a:participant:{bob.Public}", $"b:participant:{bob.Public}", "--json")).Failed(2, "roster_invalid");
        Assert.False(Directory.Exists(PathOf("new")));
    }

    [Fact]
    public async Task Certificates_are_of_one_authority_for_the_hosts_that_were_named()
    {
        JsonElement made = (await SignerProcess.RunAsync("pki", "certificates", "--out", PathOf("tls"), "--host", "broker.example", "--host", "127.0.0.1", "--json")).Done();
        Assert.Equal(3, made.GetProperty("certificates").GetArrayLength());
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(PathOf("tls/ca.pem"));
        foreach (string server in (string[])["broker", "database"])
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(PathOf($"tls/{server}.key")));
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(PathOf($"tls/{server}.pem"), PathOf($"tls/{server}.key"));
            Assert.True(certificate.MatchesHostname("broker.example") && certificate.MatchesHostname("127.0.0.1") && !certificate.MatchesHostname("other.example"));
            using X509Chain chain = new();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            Assert.True(chain.Build(certificate), string.Join(", ", chain.ChainStatus.Select(static status => status.StatusInformation)));
        }

        (await SignerProcess.RunAsync("pki", "certificates", "--out", PathOf("tls"), "--host", "localhost", "--json")).Failed(2, "out_exists");
        JsonElement shown = (await SignerProcess.RunAsync("pki", "show", PathOf("tls/broker.pem"), "--json")).Done();
        Assert.Equal(("CN=broker", "valid"), (shown.GetProperty("certificates")[0].GetProperty("subject").GetString(), shown.GetProperty("certificates")[0].GetProperty("state").GetString()));

        DateTimeOffset now = DateTimeOffset.UtcNow;
        Assert.Single(CertificateCheck.Load(PathOf("tls/broker.pem"), now + TimeSpan.FromDays(89)));
        DataDirectoryException expired = Assert.Throws<DataDirectoryException>(() => CertificateCheck.Load(PathOf("tls/broker.pem"), now + TimeSpan.FromDays(91)));
        Assert.Equal("certificate_expired", expired.Code);
        Assert.All((string[])[PathOf("tls/broker.pem"), "CN=broker", "expired on", "signer pki certificates"], part => Assert.Contains(part, expired.Message, StringComparison.Ordinal));
        Assert.Equal("certificate_not_yet_valid", Assert.Throws<DataDirectoryException>(() => CertificateCheck.Load(PathOf("tls/ca.pem"), now - TimeSpan.FromHours(1))).Code);
        Assert.Equal("certificate_missing", Assert.Throws<DataDirectoryException>(() => CertificateCheck.Load(PathOf("none.pem"), now)).Code);
        Assert.Equal("certificate_invalid", Assert.Throws<DataDirectoryException>(() => CertificateCheck.Load(PathOf("tls/broker.key"), now)).Code);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
