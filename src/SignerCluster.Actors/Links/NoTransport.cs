using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace SignerCluster.Actors.Links;

/// <summary>
/// The transport of an actor system whose cluster is this one process: it has an address, as every member must, and neither listens nor dials.
/// </summary>
public sealed class NoTransport : Transport
{
    private readonly Address _address;

    public NoTransport(ActorSystem system, Config config)
    {
        (System, Config) = (system, config);
        SchemeIdentifier = "none";
        MaximumPayloadBytes = 32_000;
        _address = new Address(SchemeIdentifier, system.Name, "embedded", 1);
    }

    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() =>
        Task.FromResult((_address, new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously)));

    public override bool IsResponsibleFor(Address remote) => true;

    public override Task<AssociationHandle> Associate(Address remoteAddress) =>
        Task.FromException<AssociationHandle>(new InvalidAssociationException($"{remoteAddress} is not reachable: this cluster is one process."));

    public override Task<bool> Shutdown() => Task.FromResult(true);
}
