namespace SignerCluster.Runtime.Engine;

/// <summary>One request on its way to an entity, and the place where its asker waits.</summary>
internal sealed class Letter(ReadOnlyMemory<byte> request)
{
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A copy, because an asker that stopped waiting may reuse its buffer before the letter is read.
    public ReadOnlyMemory<byte> Request { get; } = request.ToArray();

    public Task<ReadOnlyMemory<byte>> WaitForReplyAsync(CancellationToken cancellation) => _reply.Task.WaitAsync(cancellation);

    public void Answer(ReadOnlyMemory<byte> reply) => _reply.SetResult(reply);

    public void Fail(EngineException fault)
    {
        _reply.SetException(fault);
        // An asker that stopped waiting never looks; nobody else is to be told of an unobserved exception.
        _ = _reply.Task.Exception;
    }
}
