using Akka.Actor;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;

namespace SignerCluster.Actors.Tests.Clusters;

/// <summary>What the refusing and guarding serializers let through is enough for two nodes to be one cluster and to share their entities.</summary>
public sealed class TwoNodesTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TestGroup _group = new(2, 3);

    public void Dispose() => _group.Dispose();

    [Fact]
    public async Task L1_Two_nodes_with_our_serializers_join_and_ask_each_others_entities()
    {
        await using ClusterNode first = await ClusterNode.StartAsync(ClusterNode.Tcp);
        await using ClusterNode second = await ClusterNode.StartAsync(ClusterNode.Tcp);
        await first.Cluster.JoinAsync(first.Cluster.SelfAddress).WaitAsync(_patience);
        await second.Cluster.JoinAsync(first.Cluster.SelfAddress).WaitAsync(_patience);
        IActorRef region = Places.Start(first.System);
        Places.Start(second.System);

        int[] places = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Places.AskAsync(region, _group.Id, number, _patience)));

        Assert.Equal(((ClusterNode[])[first, second]).Select(static node => node.Port).Order(), places.Distinct().Order());
    }
}
