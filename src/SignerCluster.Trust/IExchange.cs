using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust;

/// <summary>Takes a request to an entity of some party and brings its reply.</summary>
public interface IExchange
{
    /// <summary>
    /// Asks an entity. Throws <see cref="ExchangeException"/> when there is no reply; the request may have been handled all the same. Cancelling stops the
    /// waiting, not the handling.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation);
}
