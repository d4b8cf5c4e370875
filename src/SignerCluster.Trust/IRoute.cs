namespace SignerCluster.Trust;

/// <summary>A way to one node of another party. Carries bytes, and is not trusted with anything else.</summary>
public interface IRoute
{
    /// <summary>The node's name in its party.</summary>
    string Node { get; }

    /// <summary>Brings the answer to signed bytes. Throws <see cref="ExchangeException"/>; the request may have arrived all the same.</summary>
    ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation);
}
