using System.Diagnostics;
using Xunit.Abstractions;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>What is locked down leaves enough for a party's nodes to be one cluster.</summary>
public sealed class PartyClusterTests(ITestOutputHelper output)
{
    [Fact]
    public async Task L1_Pinned_nodes_join_share_entities_and_hand_a_singleton_over()
    {
        await using PartyNodes party = await PartyNodes.StartAsync(3);
        Stopwatch watch = Stopwatch.StartNew();
        await party.JoinAsync();
        output.WriteLine($"Joined in {watch.ElapsedMilliseconds} ms.");
        party.Populate();
        await party.AreWellAsync();
        Assert.Equal(PartyNodes.PortOf(party.Nodes[0]), await party.SingletonAsync(2, PartyNodes.Patience));

        watch.Restart();
        await party.Nodes[0].Cluster.LeaveAsync().WaitAsync(PartyNodes.Patience);
        output.WriteLine($"Left in {watch.ElapsedMilliseconds} ms.");
        Assert.Equal(PartyNodes.PortOf(party.Nodes[1]), await party.SingletonAsync(2, PartyNodes.Patience));
        Assert.Equal(party.Nodes.Skip(1).Select(PartyNodes.PortOf).Order(), await party.PlacesAsync(2));
        output.WriteLine($"All answered after {watch.ElapsedMilliseconds} ms.");
        Assert.Equal(0, party.Log.Count("refused"));
    }
}
