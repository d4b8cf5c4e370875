using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence;
using Akka.Remote;
using SignerCluster.Actors.Downing;
using SignerCluster.Journal.Persistence;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>An actor system with all that a cluster of ours has, on <c>hocon/akka.conf</c> as it is shipped.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    /// <summary>As the embedded cluster has it: an address, and neither listens nor dials.</summary>
    internal const string NoTransport =
        """
        akka.remote.enabled-transports = ["akka.remote.none"]
        akka.remote.none {
          transport-class = "SignerCluster.Actors.Links.NoTransport, SignerCluster.Actors"
          applied-adapters = []
        }
        """;

    /// <summary>A port of this machine.</summary>
    internal const string Tcp =
        """
        akka.remote.dot-netty.tcp {
          hostname = "127.0.0.1"
          port = 0
        }
        """;

    private readonly LockServer.NodeSession? _locks;

    private ClusterNode(ActorSystem system, LockServer.NodeSession? locks) => (System, _locks) = (system, locks);

    internal ActorSystem System { get; }

    internal Cluster Cluster => Cluster.Get(System);

    internal int Port => Cluster.SelfAddress.Port!.Value;

    /// <summary>Of a party's node only.</summary>
    internal LockServer.NodeSession Locks => _locks!;

    internal static async Task<ClusterNode> StartAsync(string transport) => Start(await ConfigAsync(transport, "akka.conf"));

    /// <summary>
    /// A node as a party has several, on <c>hocon/akka-party.conf</c> over that file, without TLS. Its resolver takes no part: whoever is downed in a test was
    /// found dead by the locks.
    /// </summary>
    internal static async Task<ClusterNode> StartPartyNodeAsync(LockServer server)
    {
        LockServer.NodeSession locks = server.Open();
        const string ForTests =
            """
            akka.remote.dot-netty.tcp {
              transport-class = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote"
              enable-ssl = off
            }
            akka.remote.untrusted-mode = off
            akka.cluster.split-brain-resolver.stable-after = 300s
            """;
        Config config = await ConfigAsync($"{Tcp}\n{ForTests}", "akka-party.conf", "akka.conf");
        return Start(config, [new NodeLocksSetup(locks)], locks);
    }

    /// <summary>What its peers see of a process that is killed: its port closes, it sends nothing more, its lock goes. It never says that it leaves.</summary>
    internal async Task KillAsync()
    {
        await ((IRemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Transport.Shutdown();
        _locks?.Cut();
    }

    public async ValueTask DisposeAsync() => await System.Terminate();

    /// <summary>Settings over those shipped files, the first of which goes over the next, and over Akka's own.</summary>
    internal static async Task<Config> ConfigAsync(string settings, params string[] shipped)
    {
        Config config = ConfigurationFactory.ParseString("akka.loggers = []\n" + settings);
        foreach (string name in shipped)
        {
            config = config.WithFallback(ConfigurationFactory.ParseString(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "hocon", name))));
        }

        return config
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(Persistence.DefaultConfig());
    }

    internal static ClusterNode Start(Config config, params Setup[] setups) => Start(config, setups, locks: null);

    private static ClusterNode Start(Config config, Setup[] setups, LockServer.NodeSession? locks) =>
        new(ActorSystem.Create("signer", ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(config), .. setups])).WithTimerStarted(), locks);
}
