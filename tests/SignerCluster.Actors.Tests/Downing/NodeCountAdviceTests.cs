using SignerCluster.Actors.Downing;

namespace SignerCluster.Actors.Tests.Downing;

public sealed class NodeCountAdviceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void One_node_and_three_or_more_need_no_warning(int nodes) => Assert.Null(NodeCountAdvice.For(nodes));

    [Fact]
    public void Two_nodes_are_warned_of_what_a_frozen_one_or_a_broken_network_does()
    {
        string warning = NodeCountAdvice.For(2)!;
        Assert.Contains("lower address", warning, StringComparison.Ordinal);
        Assert.EndsWith("Run three nodes.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_party_without_nodes_is_no_party() => Assert.Throws<ArgumentOutOfRangeException>(() => NodeCountAdvice.For(0));
}
