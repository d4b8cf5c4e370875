using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Akka as anybody has it, with a certificate and none of our settings: it writes what its owner wants, and believes everybody.</summary>
internal sealed class Insider : IAsyncDisposable
{
    private const string Settings =
        """
        akka {
          actor.provider = cluster
          loggers = []
          stdout-loglevel = OFF
          coordinated-shutdown.run-by-actor-system-terminate = off
          coordinated-shutdown.exit-clr = off
          coordinated-shutdown.terminate-actor-system = off
          remote.dot-netty.tcp {
            hostname = "127.0.0.1"
            port = 0
            enable-ssl = on
          }
          actor.serializers {
            forges-json = "SignerCluster.Actors.Tests.Remoting.ForgesJson, SignerCluster.Actors.Tests"
            forges-ours = "SignerCluster.Actors.Tests.Remoting.ForgesOurs, SignerCluster.Actors.Tests"
          }
          actor.serialization-bindings {
            "SignerCluster.Actors.Tests.Remoting.Forgery+Json, SignerCluster.Actors.Tests" = forges-json
            "SignerCluster.Actors.Tests.Remoting.Forgery+Ours, SignerCluster.Actors.Tests" = forges-ours
          }
        }
        """;

    private readonly ExtendedActorSystem _system;

    internal Insider(X509Certificate2 certificate) => _system = (ExtendedActorSystem)ActorSystem.Create(
        "signer",
        ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(Settings)),
            new DotNettySslSetup(certificate, false, true, false, static (_, _, _, _, _) => true)));

    internal Address Address => Cluster.Get(_system).SelfAddress;

    internal void Join(Address member) => Cluster.Get(_system).Join(member);

    internal void Tell(Address node, string path, object message) => _system.Provider.ResolveActorRef($"{node}{path}").Tell(message);

    internal void Select(Address node, string path, object message) => _system.ActorSelection($"{node}{path}").Tell(message);

    /// <summary>Has an actor of its own made over there.</summary>
    internal void Deploy(Address node) =>
        _system.ActorOf(Props.Create<GadgetException.Implant>().WithDeploy(new Deploy(new RemoteScope(node))), "implant").Tell("begin");

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
