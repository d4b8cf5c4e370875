using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Embedded;

/// <summary>
/// The engine between the nodes of one process: each node runs its own mailboxes, and this finds the node that hosts an entity. A node
/// that is stopped is unreachable until it is started again, as it would be over a network.
/// </summary>
internal sealed class Switchboard(Func<EntityId, IEngine?> route) : IEngine
{
    public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        route(to) is { } node
            ? node.AskAsync(to, request, cancellation)
            : throw new EngineException("unroutable", $"No running node hosts {to}.", isTransient: true);
}
