using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using SignerCluster.Actors.Remoting;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Nodes of one party over TLS on loopback, on <c>hocon/akka-party.conf</c> as it is shipped, with a region and a singleton.</summary>
internal sealed class PartyNodes : IAsyncDisposable
{
    internal const string Listen =
        """
        akka.remote.dot-netty.tcp {
          hostname = "127.0.0.1"
          port = 0
        }
        # Nobody looks at locks here.
        akka.cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
        """;

    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestParty _party = new();
    private readonly TestGroup _group = new(2, 3);
    private readonly Config _config;
    private readonly X509Certificate2[] _certificates;

    private PartyNodes(Config config, int nodes)
    {
        _config = config;
        _certificates = [.. Enumerable.Range(0, nodes).Select(_ => _party.Issue())];
        Inside = _party.Issue();
        Stranger = _party.Issue();
        Expired = _party.Issue(daysLeft: -1);
        Log = new Lines();
        Peers = new PinnedPeers([.. _certificates.Append(Inside).Append(Expired).Select(PinnedPeers.PinOf)], TimeProvider.System, Log);
        Nodes = [.. _certificates.Select(StartNode)];
    }

    internal Lines Log { get; }

    internal PinnedPeers Peers { get; }

    internal IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>Pinned, and in the hands of nobody yet.</summary>
    internal X509Certificate2 Inside { get; }

    /// <summary>Signed by the same authority, and not pinned.</summary>
    internal X509Certificate2 Stranger { get; }

    /// <summary>Pinned, and no longer valid.</summary>
    internal X509Certificate2 Expired { get; }

    internal IReadOnlyList<IActorRef> Regions { get; private set; } = [];

    internal IReadOnlyList<IActorRef> Proxies { get; private set; } = [];

    internal static async Task<PartyNodes> StartAsync(int nodes, string settings = "") =>
        new(await ClusterNode.ConfigAsync(Listen + '\n' + settings, "akka-party.conf", "akka.conf"), nodes);

    internal async Task JoinAsync()
    {
        foreach (ClusterNode node in Nodes)
        {
            await node.Cluster.JoinAsync(Nodes[0].Cluster.SelfAddress).WaitAsync(Patience);
        }
    }

    internal Task AllAreUpAsync() => Eventually.IsTrueAsync(
        () => Nodes.All(node => node.Cluster.State.Members.Count(static member => member.Status == MemberStatus.Up) == Nodes.Count),
        Patience,
        static () => "Not all nodes are up.");

    /// <summary>Starts on every node what a party's node has.</summary>
    internal void Populate()
    {
        Regions = [.. Nodes.Select(static node => Places.Start(node.System))];
        foreach (ClusterNode node in Nodes)
        {
            ClusterSingletonManagerSettings settings = ClusterSingletonManagerSettings.Create(node.System);
            node.System.ActorOf(ClusterSingletonManager.Props(Places.Props(), PoisonPill.Instance, settings), "waker");
        }

        Proxies = [.. Nodes.Select(static node =>
            node.System.ActorOf(ClusterSingletonProxy.Props("/user/waker", ClusterSingletonProxySettings.Create(node.System)), "waker-proxy"))];
    }

    internal static int PortOf(ClusterNode node) => node.Cluster.SelfAddress.Port!.Value;

    /// <summary>The ports of the nodes that hold entities, asked from one node.</summary>
    internal async Task<IReadOnlyList<int>> PlacesAsync(int from) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Places.AskAsync(Regions[from], _group.Id, number, Patience)))).Distinct().Order()];

    internal Task<int> SingletonAsync(int from, TimeSpan limit) => Places.AskAsync(Proxies[from], _group.Id, 0, limit);

    /// <summary>All nodes are up, nobody else is a member, and what runs on them answers.</summary>
    internal async Task AreWellAsync()
    {
        await AllAreUpAsync();
        int[] ports = [.. Nodes.Select(PortOf).Order()];
        for (int number = 0; number < Nodes.Count; number++)
        {
            Assert.Null(CoordinatedShutdown.Get(Nodes[number].System).ShutdownReason);
            Assert.Equal(ports, Nodes[number].Cluster.State.Members.Select(static member => member.Address.Port!.Value).Order());
            Assert.All(Nodes[number].Cluster.State.Members, static member => Assert.Equal(MemberStatus.Up, member.Status));
            Assert.Equal(ports, await PlacesAsync(number));
            Assert.Contains(await SingletonAsync(number, Patience), ports);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(static node => node.DisposeAsync().AsTask()));
        _party.Dispose();
        _group.Dispose();
    }

    private ClusterNode StartNode(X509Certificate2 certificate)
    {
        ClusterNode node = ClusterNode.Start(_config, Peers.With(certificate));
        Log.Listen(node.System);
        return node;
    }
}
