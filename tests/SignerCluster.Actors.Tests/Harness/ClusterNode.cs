using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence;
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

    private ClusterNode(ActorSystem system) => System = system;

    internal ActorSystem System { get; }

    internal Cluster Cluster => Cluster.Get(System);

    internal static async Task<ClusterNode> StartAsync(string transport) => Start(await ConfigAsync(transport, "akka.conf"));

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

    internal static ClusterNode Start(Config config, params Setup[] setups) =>
        new(ActorSystem.Create("signer", ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(config), .. setups])).WithTimerStarted());

    public async ValueTask DisposeAsync() => await System.Terminate();
}
