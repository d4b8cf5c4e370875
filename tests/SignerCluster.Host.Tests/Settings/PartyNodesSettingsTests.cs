using System.Net;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Settings;

/// <summary>Where a node finds its party's other nodes and, over links, other parties.</summary>
public sealed class PartyNodesSettingsTests : IDisposable
{
    private const string Participant =
        """
        node { name = alice-1, roles = [participant], roster-file = roster.json }
        participant {
          party = alice, identity-file = i, keys.provider.path = k, links.coordinators = "c.example:7440"
          database { host = localhost, name = alice, user = alice, password-file = d }
          tls { certificate-file = node.pem, key-file = node.key }
        }

        """;

    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_node_that_names_no_others_is_its_party_and_takes_any_port()
    {
        PartyNodesSettings nodes = Nodes(string.Empty);
        DnsEndPoint self = new("127.0.0.1", 0);
        Assert.Equal((new IPEndPoint(IPAddress.Loopback, 0), self), (nodes.Listen, nodes.Address));
        Assert.Equal([self], nodes.All);
    }

    [Theory]
    [InlineData("[\"10.0.0.1:7441\", \"two.alice.example:7441\", \"[::1]:7441\"]")]
    [InlineData("\"10.0.0.1:7441,two.alice.example:7441,[::1]:7441\"")]
    [InlineData("\" 10.0.0.1:7441 , two.alice.example:7441 , [::1]:7441 \"")]
    public void Addresses_are_a_list_or_a_text_with_commas_as_a_variable_has_it(string all)
    {
        PartyNodesSettings nodes = Nodes($"listen = \"10.0.0.1:7441\", all = {all}");
        Assert.Equal([new DnsEndPoint("10.0.0.1", 7441), new DnsEndPoint("two.alice.example", 7441), new DnsEndPoint("::1", 7441)], nodes.All);
    }

    [Fact]
    public void The_address_is_what_others_dial_where_it_is_not_what_the_node_listens_on()
    {
        PartyNodesSettings nodes =
            Nodes("listen = \"0.0.0.0:7441\", address = \"one.alice.example:7000\", all = \"one.alice.example:7000,two.alice.example:7000\"");
        Assert.Equal((new IPEndPoint(IPAddress.Any, 7441), new DnsEndPoint("one.alice.example", 7000)), (nodes.Listen, nodes.Address));
    }

    [Theory]
    [InlineData("nodes { listen = \"10.0.0.1:7441\", all = [\"10.0.0.2:7441\"] }", "nodes.all: names the party's nodes but not this one, 10.0.0.1:7441.")]
    [InlineData("nodes.all = [\"10.0.0.1:7441\", \"10.0.0.2:7441\"]", "nodes.listen: needs a port of its own where the party has several nodes")]
    [InlineData(
        "nodes { listen = \"0.0.0.0:0\", address = \"a:7441\", all = \"a:7441,b:7441\" }",
        "nodes.listen: needs a port of its own where the party has several nodes")]
    [InlineData("nodes { listen = \"10.0.0.1:7441\", all = \"10.0.0.1:7441,10.0.0.1:7441\" }", "nodes.all: must be a list of HOST:PORT, none twice.")]
    [InlineData("nodes { listen = \"10.0.0.1:7441\", all = \"10.0.0.1:7441,\" }", "nodes.all: must be a list of HOST:PORT, none twice.")]
    [InlineData("nodes.all = [10.0.0.1]", "nodes.all: must be a list of HOST:PORT, none twice.")]
    [InlineData("nodes.address = \"a:0\"", "nodes.address: must be HOST:PORT in quotes")]
    [InlineData("nodes.address = \"a:65536\"", "nodes.address: must be HOST:PORT in quotes")]
    [InlineData("nodes.address = \"a b:7441\"", "nodes.address: must be HOST:PORT in quotes")]
    [InlineData("nodes.listen = \"a.example:7441\"", "nodes.listen: must be an address to listen on")]
    [InlineData("links.coordinators = null", "links.coordinators: must be a list of at least 1 HOST:PORT, none twice.")]
    [InlineData("links.coordinators = []", "links.coordinators: must be a list of at least 1 HOST:PORT, none twice.")]
    [InlineData("links.coordinators = c.example", "links.coordinators: must be a list of at least 1 HOST:PORT, none twice.")]
    [InlineData("links.coordinators = [\"c.example:1\", \"c.example:1\"]", "links.coordinators: must be a list of at least 1 HOST:PORT, none twice.")]
    public void Addresses_that_lead_nowhere_stop_the_start(string added, string refusal) =>
        Assert.Contains($"node.conf:7: participant.{refusal}", _folder.NodeRefusal($"{Participant}participant {{ {added} }}"), StringComparison.Ordinal);

    private PartyNodesSettings Nodes(string nodes) => _folder.Node($"{Participant}participant.nodes {{ {nodes} }}").Participant!.Nodes;
}
