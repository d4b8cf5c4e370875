using SignerCluster.Host;
using SignerCluster.Trust;
using SignerCluster.Workbench.Cluster;

namespace SignerCluster.Workbench.Tests.Cluster;

/// <summary>Who and what a development cluster consists of.</summary>
public sealed class ClusterPlanTests
{
    [Fact]
    public void Every_party_has_a_name_of_its_own_that_a_roster_takes()
    {
        string[] names = [.. new ClusterPlan(128, 65, 1, 1, 7420).Parties.Select(static party => PartyName.Parse(party.Name).ToString())];
        Assert.Equal(129, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["coordinator", "alice", "bob", "carol"], names[..4]);
        Assert.Equal(["zoe", "p27"], names[26..28]);
    }

    [Theory]
    [InlineData(3, 2, 2, 1)]
    [InlineData(3, 2, 10, 2)]
    [InlineData(128, 65, 1, 2)]
    public void Every_node_has_a_name_and_ports_of_its_own(int participants, int threshold, int coordinators, int participantNodes)
    {
        ClusterPlan plan = new(participants, threshold, coordinators, participantNodes, 7420);
        plan.ThrowIfInvalid();
        PlannedNode[] nodes = [.. plan.Nodes()];
        int[] ports = [.. nodes.SelectMany(static node => (int[])[node.Port, node.ClusterPort, node.LinkPort])];
        Assert.Equal(coordinators + (participants * participantNodes), nodes.Length);
        Assert.Equal(nodes.Length, nodes.DistinctBy(static node => node.Name).Count());
        Assert.Equal(3 * nodes.Length, ports.Distinct().Count());
        Assert.All(ports, static port => Assert.InRange(port, 1024, ushort.MaxValue));
        Assert.All(nodes, static node => Assert.StartsWith($"{node.Party.Name}-", node.Name, StringComparison.Ordinal));
        Assert.Equal(7430, nodes.First(static node => node.Name == "alice-1").Port);
    }

    [Theory]
    [InlineData(3, 4, 1, 1, 7420, "--threshold")]
    [InlineData(129, 2, 1, 1, 7420, "--participants")]
    [InlineData(3, 2, 11, 1, 7420, "--coordinators")]
    [InlineData(3, 2, 1, 0, 7420, "--participant-nodes")]
    [InlineData(3, 2, 1, 1, 80, "--http-port")]
    [InlineData(3, 2, 1, 1, 65530, "--http-port")]
    [InlineData(3, 2, 1, 1, 61524, "--http-port")]
    public void What_cannot_be_is_refused_by_the_options_name(
        int participants, int threshold, int coordinators, int participantNodes, int httpPort, string option)
    {
        UsageException refused = Assert.Throws<UsageException>(
            new ClusterPlan(participants, threshold, coordinators, participantNodes, httpPort).ThrowIfInvalid);
        Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_are_different_and_below_those_of_outgoing_connections()
    {
        int[] ports = FreePort.Take(10);
        Assert.Equal(10, ports.Distinct().Count());
        Assert.All(ports, static port => Assert.InRange(port, 15_000, 32_000));
    }
}
