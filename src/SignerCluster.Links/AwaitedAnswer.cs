namespace SignerCluster.Links;

/// <summary>An asker that waits. Its place in the window is taken until the answer comes, not only until the asker leaves.</summary>
internal sealed class AwaitedAnswer(long askedAt) : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    internal long AskedAt => askedAt;

    internal void Fail(string code, string message)
    {
        TrySetException(new LinkException(code, message, isTransient: true));

        // An asker that left looks at no failure; nobody else has to hear of it.
        _ = Task.Exception;
    }
}
