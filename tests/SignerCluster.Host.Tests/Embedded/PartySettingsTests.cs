using System.Net;
using Akka.Configuration;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Embedded;

public sealed class PartySettingsTests
{
    [Fact]
    public void A_partys_node_has_its_address_over_its_own_section_over_what_is_shipped()
    {
        Config own = ConfigurationFactory.ParseString(
            """
            akka.remote.dot-netty.tcp.port = 1
            akka.remote.retry-gate-closed-for = 7s
            """);
        PartyNodesSettings nodes = new(new IPEndPoint(IPAddress.Any, 7440), new DnsEndPoint("alice-1.example", 7441), []);
        Config config = AkkaSettings.Party("alice", nodes, own);
        Config transport = config.GetConfig("akka.remote.dot-netty.tcp");
        Assert.Equal(("0.0.0.0", 7440), (transport.GetString("hostname"), transport.GetInt("port")));
        Assert.Equal(("alice-1.example", 7441), (transport.GetString("public-hostname"), transport.GetInt("public-port")));
        Assert.Equal(8 * 1024 * 1024, transport.GetByteSize("maximum-frame-size"));
        Assert.Equal(TimeSpan.FromSeconds(7), config.GetTimeSpan("akka.remote.retry-gate-closed-for"));
        Assert.True(config.GetBoolean("akka.remote.untrusted-mode"));
        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.Equal("alice", config.GetString(AkkaSettings.RingJournalOf("alice") + ".party"));
    }
}
