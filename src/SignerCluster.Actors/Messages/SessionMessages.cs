using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Actors.Messages;

/// <summary>A client commands a coordinated session.</summary>
/// <param name="Waits">Is a session that runs to be answered for at its end only? Whoever asks this gives up by itself after a while.</param>
public sealed record ToSession(EntityId To, CoordinatorAddress Session, CoordinatorCommand Command, bool Waits = false) : ITracedMessage
{
    public string? Trace { get; init; }

    public static ToSession Of(CoordinatorAddress session, CoordinatorCommand command, bool waits = false) =>
        new(EntityAddress.Of(session), session, command, waits);
}

/// <summary>Where a coordinated session stands.</summary>
/// <param name="End">The ended session itself, for who waited for it in the same process; null otherwise.</param>
public sealed record FromSession(CoordinatorAnswer Answer, CoordinatorState.Accepted? End = null) : IWireMessage;
