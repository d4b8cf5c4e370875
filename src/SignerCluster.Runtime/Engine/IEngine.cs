using SignerCluster.Protocol.Entities;

namespace SignerCluster.Runtime.Engine;

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
    /// <summary>The request itself cannot be trusted. Nothing was done with it, and a transport sends no answer to it at all.</summary>
    public const string UntrustedCode = "untrusted";

    /// <summary>What came back is not a true answer to the request, which may or may not have been handled.</summary>
    public const string ReplyUntrustedCode = "reply_untrusted";

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

    /// <summary>
    /// Stable snake_case name of the fault: <c>unroutable</c>, <c>overloaded</c>, <c>entity_failed</c>, <c>engine_stopped</c>; between parties also
    /// <c>untrusted</c>, <c>reply_untrusted</c>, <c>message_too_long</c>, <c>signed_too_early</c>.</summary>
    public string Code { get; } = "entity_failed";

    /// <summary>May the same request succeed later without an operator's help?</summary>
    public bool IsTransient { get; } = true;
}
