using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using SignerCluster.Conformance;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>Three nodes of one party, in the order of their age, that see each other's locks and share a region of <see cref="Places"/>.</summary>
internal sealed class PartyOfThree : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private PartyOfThree(LockServer server, IReadOnlyList<ClusterNode> nodes, IReadOnlyList<IActorRef> regions) =>
        (Server, Nodes, Regions) = (server, nodes, regions);

    internal LockServer Server { get; }

    internal IReadOnlyList<ClusterNode> Nodes { get; }

    internal IReadOnlyList<IActorRef> Regions { get; }

    internal static async Task<PartyOfThree> StartAsync()
    {
        LockServer server = new();
        List<ClusterNode> nodes = [];
        for (int number = 0; number < 3; number++)
        {
            nodes.Add(await ClusterNode.StartPartyNodeAsync(server));
            await nodes[number].Cluster.JoinAsync(nodes[0].Cluster.SelfAddress).WaitAsync(_patience);
        }

        PartyOfThree party = new(server, nodes, [.. nodes.Select(static node => Places.Start(node.System))]);
        foreach (ClusterNode node in nodes)
        {
            await UntilAsync("all nodes are up", () => node.Cluster.State.Members.Count(static member => member.Status == MemberStatus.Up) == 3);
        }

        while ((await party.Regions[0].Ask<CurrentRegions>(GetCurrentRegions.Instance, _patience)).Regions.Count < 3)
        {
            await Task.Yield();
        }

        await HaveLookedAsync(nodes, 2);
        return party;
    }

    /// <summary>Each of the nodes has looked so many times since the call: whatever its watcher could see, it has seen.</summary>
    internal static async Task HaveLookedAsync(IEnumerable<ClusterNode> nodes, int times)
    {
        foreach ((ClusterNode node, int before) in nodes.Select(static node => (node, node.Locks.Looks)).ToArray())
        {
            await UntilAsync("the watcher looked", () => node.Locks.Looks >= before + times);
        }
    }

    /// <summary>A condition with a limit.</summary>
    internal static async Task UntilAsync(string what, Func<bool> isSo)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > _patience)
            {
                throw new TimeoutException($"It never came to this: {what}");
            }

            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterNode node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
