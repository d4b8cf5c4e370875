using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>From nothing to bundles that their operators can open, and what an operator is told of certificates.</summary>
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
            "pki", "roster", "--cluster", "bridge", "--out", PathOf("roster.json"), $"coordinator:coordinator:{PathOf("coordinator.key")}",
            $"alice:participant:{PathOf("alice.key")}", $"bob:participant:{bob.Public}", "--json")).Done();
        Assert.Equal(bob.Public.ToString(), roster.GetProperty("parties")[2].GetProperty("identity").GetString());
        Assert.Equal(3, Roster.Load(PathOf("roster.json")).Parties.Count);

        JsonElement group =
            (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("bundles"), "--threshold", "2", "--json")).Done();
        Assert.Equal(["group", "outputKey", "address", "threshold", "participants"], group.EnumerateObject().Select(static field => field.Name));
        Assert.Equal((2, 2), (group.GetProperty("threshold").GetInt32(), group.GetProperty("participants").GetInt32()));
        SeatBundle bundle = SeatBundle.Load(PathOf("bundles/bob.json"));
        Assert.Equal(1, Assert.Single(bundle.Open(bob)).Seat.Value);
        Assert.True(File.Exists(PathOf($"bundles/{group.GetProperty("group").GetString()}.json")));
        Assert.False(File.Exists(PathOf("bundles/coordinator.json")));

        JsonElement error = (await SignerProcess.RunAsync(
            "keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--data", PathOf("data"), "--threshold", "2", "--json"))
            .Failed(2, "options_exclusive");
        Assert.Contains("--data and --roster", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--threshold", "2", "--json")).Failed(2, "options_incomplete");
        (await SignerProcess.RunAsync(
            "keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--threshold", "2", "--participants", "3", "--json"))
            .Failed(2, "participants_missing");
        (await SignerProcess.RunAsync("keygen", "--roster", PathOf("roster.json"), "--bundles", PathOf("new"), "--threshold", "3", "--json"))
            .Failed(2, "threshold_out_of_range");
        (await SignerProcess.RunAsync(
            "pki", "roster", "--cluster", "bridge", "--out", PathOf("other.json"), $"a:participant:{bob.Public}", $"b:participant:{bob.Public}", "--json"))
            .Failed(2, "roster_invalid");
        Assert.False(Directory.Exists(PathOf("new")));
    }

    [Fact]
    public async Task Certificates_are_shown_with_their_time_and_those_of_no_use_are_refused_by_name()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string path = TestAuthority.Write(PathOf("ca.pem"), now - TimeSpan.FromMinutes(5), now + TimeSpan.FromDays(90));
        JsonElement shown = (await SignerProcess.RunAsync("pki", "show", path, "--json")).Done().GetProperty("certificates")[0];
        Assert.Equal((TestAuthority.Subject, "valid"), (shown.GetProperty("subject").GetString(), shown.GetProperty("state").GetString()));

        Assert.Single(CertificateCheck.Load(path, now + TimeSpan.FromDays(89)));
        DataDirectoryException expired = Refused(path, now + TimeSpan.FromDays(91));
        Assert.Equal("certificate_expired", expired.Code);
        string[] parts = [path, TestAuthority.Subject, "expired on", "signer pki certificates"];
        Assert.All(parts, part => Assert.Contains(part, expired.Message, StringComparison.Ordinal));
        Assert.Equal("certificate_not_yet_valid", Refused(path, now - TimeSpan.FromHours(1)).Code);
        Assert.Equal("certificate_missing", Refused(PathOf("none.pem"), now).Code);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(PathOf("key.pem"), key.ExportPkcs8PrivateKeyPem());
        Assert.Equal("certificate_invalid", Refused(PathOf("key.pem"), now).Code);
    }

    private static DataDirectoryException Refused(string path, DateTimeOffset now) =>
        Assert.Throws<DataDirectoryException>(() => CertificateCheck.Load(path, now));

    private string PathOf(string name) => Path.Combine(_folder, name);
}
