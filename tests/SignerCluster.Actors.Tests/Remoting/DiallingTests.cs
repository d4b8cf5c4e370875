using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using SignerCluster.Actors.Remoting;
using SignerCluster.Actors.Tests.Harness;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>A node that dials, and one that starts with the wrong papers.</summary>
public sealed class DiallingTests
{
    private const string AkkasOwn = "akka.remote.dot-netty.tcp.transport-class = \"Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote\"";

    [Fact]
    public async Task L1_A_stranger_on_a_peers_port_does_not_end_the_node_that_dials_it()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(1);
        await party.JoinAsync();
        party.Populate();
        using TcpListener stranger = new(IPAddress.Loopback, 0);
        await DialAsync(party.Nodes[0], stranger);
        await party.Log.HasAsync("unreachable remote address");
        await party.Log.HasAsync("NotSslRecordException");
        await party.AreWellAsync();
        Assert.Equal(0, Environment.ExitCode);
    }

    [Fact]
    public async Task L1_A_peer_that_is_dialled_and_is_not_pinned_is_refused_and_ends_nothing()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(1);
        await party.JoinAsync();
        party.Populate();
        await using Insider stranger = new(party.Stranger);
        Ask(party.Nodes[0], stranger.Address);
        await party.Log.HasAsync(" is not pinned");
        await party.AreWellAsync();
    }

    [Fact]
    public async Task Akkas_own_transport_would_shut_the_node_down_and_so_ours_stands_before_it()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(1, AkkasOwn);
        using TcpListener stranger = new(IPAddress.Loopback, 0);
        await DialAsync(party.Nodes[0], stranger);
        await Eventually.IsTrueAsync(
            () => CoordinatedShutdown.Get(party.Nodes[0].System).ShutdownReason is { ExitCode: 79 },
            PartyNodes.Patience,
            static () => "Akka no longer does it: PinnedTransport need not keep it apart.");
    }

    [Fact]
    public async Task L1_A_node_without_a_certificate_does_not_start_and_says_why()
    {
        Config config = await ClusterNode.ConfigAsync(PartyNodes.Listen, "akka-party.conf", "akka.conf");
        Exception refused = Assert.ThrowsAny<Exception>(() => ClusterNode.Start(config));
        Assert.Contains("started without a certificate and pins", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task L1_A_setup_that_asks_nobody_for_a_certificate_does_not_start()
    {
        using TestParty party = new();
        Config config = await ClusterNode.ConfigAsync(PartyNodes.Listen, "akka-party.conf", "akka.conf");
        DotNettySslSetup[] wrong =
        [
            new(party.Issue(), true, true, false, static (_, _, _, _, _) => true),
            new(party.Issue(), false, false, false, static (_, _, _, _, _) => true),
            new(party.Issue(), false, true, false, null),
        ];
        Assert.All(wrong, setup => Assert.ThrowsAny<Exception>(() => ClusterNode.Start(config, setup)));
    }

    [Fact]
    public async Task L1_A_certificate_in_the_configuration_is_not_used()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(
            2,
            """
            akka.remote.dot-netty.tcp {
              enable-ssl = off
              ssl { suppress-validation = on, require-mutual-authentication = off, certificate.path = "/nowhere" }
            }
            """);
        Assert.All(party.Nodes, static node => Assert.Equal("akka.ssl.tcp", node.Cluster.SelfAddress.Protocol));
        await party.JoinAsync();
    }

    [Fact]
    public void L1_A_certificate_without_key_or_out_of_its_time_is_refused_before_the_start()
    {
        using TestParty party = new();
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(party.Issue().RawData);
        PinnedPeers peers = new([PinnedPeers.PinOf(bare)], TimeProvider.System, new Lines());
        Assert.Contains("no private key", Assert.Throws<ArgumentException>(() => peers.With(bare)).Message, StringComparison.Ordinal);
        Assert.Contains("is valid from", Assert.Throws<ArgumentException>(() => peers.With(party.Issue(-1))).Message, StringComparison.Ordinal);
    }

    private static async Task DialAsync(ClusterNode node, TcpListener stranger)
    {
        stranger.Start();
        Ask(node, new Address("akka.ssl.tcp", "signer", "127.0.0.1", ((IPEndPoint)stranger.LocalEndpoint).Port));
        using Socket accepted = await stranger.AcceptSocketAsync().WaitAsync(PartyNodes.Patience);
        await accepted.SendAsync("SSH-2.0-somebody else\r\n"u8.ToArray(), SocketFlags.None);
    }

    private static void Ask(ClusterNode node, Address peer) => node.System.ActorSelection($"{peer}/user/somebody").Tell(Messages.Stop.Instance);
}
