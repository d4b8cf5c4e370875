using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;

namespace SignerCluster.Actors.Remoting;

/// <summary>
/// Akka's TLS transport, which takes certificate and pins from <see cref="PinnedPeers"/> only, and whose failures stay its own. By itself it shuts the whole
/// actor system down (CoordinatedShutdown, exit code 79) when a peer that it dials fails the handshake: a stranger on a peer's port, or a peer that is killed
/// in that moment, would end our node. It can't be told otherwise, so it gets an actor system of its own, where there is nothing to shut down.
/// </summary>
public sealed class PinnedTransport : Transport
{
    // The certificate of a configuration would be taken before that of the setup.
    private const string FromSetupOnly =
        """
        enable-ssl = on
        transport-protocol = tcp
        ssl.certificate {
          path = ""
          use-thumbprint-over-file = off
          use-thumprint-over-file = off
        }
        """;

    private const string Alone =
        """
        akka {
          loggers = []
          stdout-loglevel = OFF
          loglevel = WARNING
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            run-by-actor-system-terminate = off
            terminate-actor-system = off
            exit-clr = off
          }
        }
        """;

    private readonly ActorSystem _apart;
    private readonly Transport _inner;

    /// <exception cref="ConfigurationException">The system was started without <see cref="PinnedPeers.With"/>.</exception>
    public PinnedTransport(ActorSystem system, Config config)
    {
        DotNettySslSetup peers = system.Settings.Setup.Get<DotNettySslSetup>() is { HasValue: true, Value: { } given } && IsPinned(given)
            ? given
            : throw new ConfigurationException(
                "A party's nodes talk over TLS with pinned peers only, and this one was started without a certificate and pins.");
        (System, Config) = (system, ConfigurationFactory.ParseString(FromSetupOnly).WithFallback(config));
        _apart = ActorSystem.Create(
            system.Name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(Alone)), peers));
        _apart.ActorOf(TransportLog.Props(system.EventStream, new Pace(TimeProvider.System)), "log");
        Type tcp = Type.GetType("Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote", throwOnError: true)!;
        _inner = (Transport)Activator.CreateInstance(tcp, _apart, Config)!;
        (SchemeIdentifier, MaximumPayloadBytes) = (_inner.SchemeIdentifier, _inner.MaximumPayloadBytes);
    }

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _inner.Listen();

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override Task<AssociationHandle> Associate(Address remoteAddress) => _inner.Associate(remoteAddress);

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);

    public override async Task<bool> Shutdown()
    {
        bool isDown = await _inner.Shutdown().ConfigureAwait(false);
        await _apart.Terminate().ConfigureAwait(false);
        return isDown;
    }

    private static bool IsPinned(DotNettySslSetup setup) =>
        setup is { Certificate.HasPrivateKey: true, SuppressValidation: false, RequireMutualAuthentication: true, CustomValidator: not null };
}
