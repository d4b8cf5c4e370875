using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>The place where an asker waits for its reply.</summary>
internal sealed class PendingAsk(PendingAsks waiting, ulong id, string party, long since)
    : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The correlation id.</summary>
    public ulong Id => id;

    /// <summary>Whom it asks. A reply through any other party's exchange is not its reply.</summary>
    public string Party => party;

    /// <summary>A timestamp of the clock.</summary>
    public long Since => since;

    public void Fail(EngineException fault)
    {
        waiting.Remove(this);
        TrySetException(fault);
    }

    public void Cancel(CancellationToken cancellation)
    {
        waiting.Remove(this);
        TrySetCanceled(cancellation);
    }
}
