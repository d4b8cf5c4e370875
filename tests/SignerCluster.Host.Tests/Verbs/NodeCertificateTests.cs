using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SignerCluster.Host.Pki;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>How a node comes by a certificate, and a roster by the certificates that it pins.</summary>
public sealed class NodeCertificateTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string _pin = new('a', 64);
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-certificate").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_certificate_and_its_key_are_made_beside_each_other_and_its_pin_is_told()
    {
        JsonElement made = (await SignerProcess.RunAsync("pki", "certificate", "--out", PathOf("node"), "--json")).Done();
        Assert.Equal(["pin", "file", "notAfter"], made.EnumerateObject().Select(static field => field.Name));
        Assert.Equal(PathOf("node.pem"), made.GetProperty("file").GetString());
        Assert.Equal(["node.key", "node.pem"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(PathOf("node.key")));
        Assert.True(File.GetUnixFileMode(PathOf("node.pem")).HasFlag(OwnerOnly));

        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(PathOf("node.pem"), PathOf("node.key"));
        using ECDsa key = certificate.GetECDsaPublicKey()!;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), made.GetProperty("pin").GetString());
        Assert.Equal(("CN=node", "CN=node", 256), (certificate.Subject, certificate.Issuer, key.KeySize));
        Assert.InRange(certificate.NotAfter.ToUniversalTime() - DateTime.UtcNow, TimeSpan.FromDays(364), TimeSpan.FromDays(366));
        JsonElement shown = (await SignerProcess.RunAsync("pki", "show", PathOf("node.pem"), "--json")).Done().GetProperty("certificates")[0];
        Assert.Equal("valid", shown.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("node.pem")]
    [InlineData("node.key")]
    public async Task What_is_there_is_not_overwritten_and_no_half_is_left(string there)
    {
        await File.WriteAllTextAsync(PathOf(there), "mine");
        JsonElement error = (await SignerProcess.RunAsync("pki", "certificate", "--out", PathOf("node"), "--json")).Failed(2, "out_exists");
        Assert.Contains(PathOf(there), error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(there, Assert.Single(Directory.EnumerateFiles(_folder).Select(Path.GetFileName)));
        Assert.Equal("mine", await File.ReadAllTextAsync(PathOf(there)));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        JsonElement error = (await SignerProcess.RunAsync("pki", "certificate", "--out", PathOf("none/node"), "--json")).Failed(3, "out_unwritable");
        Assert.Contains(PathOf("none"), error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_roster_pins_certificates_by_their_files_or_by_their_pins()
    {
        string alice = Make("alice");
        string[] coordinator = [Make("one"), Make("two")];
        JsonElement made = (await RosterAsync(
            $"coordinator:coordinator:{Identity("coordinator")}:{PathOf("one.pem")},{PathOf("two.pem")}",
            $"alice:participant:{Identity("alice")}:{_pin},{PathOf("alice.pem")}",
            $"bob:participant:{Identity("bob")}")).Done();
        string[][] wanted = [coordinator, [_pin, alice], []];
        Assert.Equal(wanted, Roster.Load(PathOf("roster.json")).Parties.Select(static party => party.Pins.ToArray()));
        Assert.Equal(
            wanted,
            made.GetProperty("parties").EnumerateArray()
                .Select(static party => party.GetProperty("pins").EnumerateArray().Select(static pin => pin.GetString()!).ToArray()));
    }

    [Fact]
    public async Task A_roster_does_not_give_one_certificate_to_two_parties_and_takes_no_pin_for_another()
    {
        string alice = Make("alice");
        (await RosterAsync($"alice:participant:{Identity("alice")}:{PathOf("alice.pem")}", $"bob:participant:{Identity("bob")}:{alice}"))
            .Failed(2, "roster_invalid");
        (await RosterAsync($"alice:participant:{Identity("carol")}:{alice},{PathOf("alice.pem")}")).Failed(2, "roster_invalid");

        // What is no pin is taken for a file.
        (await RosterAsync($"alice:participant:{Identity("dave")}:{_pin.ToUpperInvariant()}")).Failed(2, "certificate_missing");
        (await RosterAsync($"alice:participant:{Identity("erin")}:{_pin[1..]}")).Failed(2, "certificate_missing");
        (await RosterAsync($"alice:participant:{Identity("frank")}:{PathOf("alice.key")}")).Failed(2, "certificate_invalid");
        Assert.False(File.Exists(PathOf("roster.json")));
    }

    private Task<Ended> RosterAsync(params string[] parties) =>
        SignerProcess.RunAsync(["pki", "roster", "--cluster", "bridge", "--out", PathOf("roster.json"), .. parties, "--json"]);

    private string Make(string name)
    {
        using X509Certificate2 certificate = NodeCertificate.Create(PathOf(name), TimeProvider.System.GetUtcNow());
        return NodeCertificate.PinOf(certificate);
    }

    private string Identity(string party)
    {
        using IdentityKey identity = IdentityKey.Create(PathOf($"{party}-identity.key"), RandomNumberGenerator.Fill);
        return identity.Public.ToString();
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
