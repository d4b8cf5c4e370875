using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime;

/// <summary>An entity whose being open is noted after every request, so that it can expire.</summary>
internal sealed class NotedEntity(EntityId id, IEntity inner, SessionExpiry expiry) : IEntity
{
    public bool IsIdle => inner.IsIdle;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        ReadOnlyMemory<byte> reply = await inner.HandleAsync(request, stopping);
        expiry.Note(id, !inner.IsIdle);
        return reply;
    }
}
