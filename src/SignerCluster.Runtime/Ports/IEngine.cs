namespace SignerCluster.Runtime;

/// <summary>
/// Delivers a request to the one entity that an id names and returns its reply. Where the entity lives is the engine's business.
/// Delivery is at most once, requests to one entity are handled one at a time, in the order in which they arrived.
/// Every adapter passes <c>EngineSpec</c>.
/// </summary>
public interface IEngine
{
    /// <summary>
    /// Asks an entity. Throws <see cref="EngineException"/> when the request or its reply was lost, the entity's queue is full, or nobody hosts the
    /// kind. Cancelling stops the waiting, not the handling: a request that was delivered is handled to its end.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation);
}

/// <summary>A request could not be delivered, or its reply not returned.</summary>
public sealed class EngineException : Exception
{
    public EngineException()
    {
    }

    public EngineException(string message)
        : base(message)
    {
    }

    public EngineException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public EngineException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>Stable snake_case name of the fault: <c>unroutable</c>, <c>overloaded</c>, <c>entity_failed</c>, <c>engine_stopped</c>.</summary>
    public string Code { get; } = "entity_failed";

    /// <summary>May the same request succeed later without an operator's help?</summary>
    public bool IsTransient { get; } = true;
}
