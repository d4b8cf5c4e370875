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

    internal static async Task<ClusterNode> StartAsync(string transport)
    {
        string ours = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "hocon", "akka.conf"));
        Config config = ConfigurationFactory.ParseString("akka.loggers = []\n" + transport)
            .WithFallback(ConfigurationFactory.ParseString(ours))
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(Persistence.DefaultConfig());
        return new ClusterNode(ActorSystem.Create("signer", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config))).WithTimerStarted());
    }

    public async ValueTask DisposeAsync() => await System.Terminate();
}
