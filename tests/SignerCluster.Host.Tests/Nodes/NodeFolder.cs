using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Host.Pki;
using SignerCluster.Host.Tests.Verbs;
using SignerCluster.Journal.Providers;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>All that an operator gives a node, in a folder that vanishes with its test; the servers that it names are not there.</summary>
internal sealed class NodeFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signer-node-").FullName;

    internal NodeFolder()
    {
        using IdentityKey coordinator = IdentityKey.Create(PathOf("coordinator-identity.key"), RandomNumberGenerator.Fill);
        using IdentityKey alice = IdentityKey.Create(PathOf("alice.key"), RandomNumberGenerator.Fill);
        using IdentityKey stranger = IdentityKey.Create(PathOf("stranger.key"), RandomNumberGenerator.Fill);
        Pin = Certificate("node");
        Certificate("other");
        RosterParty[] parties =
        [
            Party("coordinator", PartyRole.Coordinator, coordinator, Certificate("coordinator")), Party("alice", PartyRole.Participant, alice, Pin),
        ];
        new Roster(ClusterName.Parse("bridge"), parties).Save(PathOf("roster.json"));
        FileKeyProvider.Create(PathOf("key"), RandomNumberGenerator.Fill);
        WriteSecret("password", "a password");
    }

    /// <summary>Of the certificate <c>node.pem</c>, which the roster has as alice's; nobody pins <c>other.pem</c>.</summary>
    internal string Pin { get; }

    /// <summary>A port of this machine that nobody listens on.</summary>
    internal int Nowhere { get; } = FreePort();

    internal int HttpPort { get; } = FreePort();

    internal string PathOf(string name) => Path.Combine(_root, name);

    internal void WriteSecret(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        File.SetUnixFileMode(PathOf(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Writes a participant's configuration, alice's, and what is laid over it.</summary>
    internal string Write(string changes = "")
    {
        string path = PathOf("node.conf");
        File.WriteAllText(path, $$"""
            node { name = alice-1, roles = [participant], roster-file = roster.json }
            http.listen = "127.0.0.1:{{HttpPort}}"
            participant {
              party = alice, identity-file = alice.key
              database { host = 127.0.0.1, port = {{Nowhere}}, name = alice, user = alice, password-file = password }
              tls { certificate-file = node.pem, key-file = node.key }
              links.coordinators = "127.0.0.1:{{Nowhere}}"
              keys.provider.path = key
            }
            {{changes}}
            """);
        return path;
    }

    /// <summary>
    /// Runs a node with this laid over its configuration to its end, which it must come to by itself, without a trace of the program's insides.
    /// </summary>
    internal async Task<Ended> RunAsync(string changes)
    {
        Ended ended = await SignerProcess.RunAsync("node", "--config", Write(changes));
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal_error", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("a password", ended.Error, StringComparison.Ordinal);
        return ended;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Certificate(string name)
    {
        using X509Certificate2 certificate = NodeCertificate.Create(PathOf(name), TimeProvider.System.GetUtcNow());
        return NodeCertificate.PinOf(certificate);
    }

    private static RosterParty Party(string name, PartyRole role, IdentityKey identity, params string[] pins) =>
        new(PartyName.Parse(name), role, identity.Public, pins);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
