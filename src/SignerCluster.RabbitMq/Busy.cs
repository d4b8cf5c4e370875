namespace SignerCluster.RabbitMq;

/// <summary>Counts what is under way, so that a stopping engine can wait for its end.</summary>
internal sealed class Busy
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One for the engine itself, which leaves when it takes nothing more.
    private int _count = 1;

    /// <summary>Returns when everything has left.</summary>
    public Task DrainAsync(CancellationToken cancellation) => _drained.Task.WaitAsync(cancellation);

    public void Enter() => Interlocked.Increment(ref _count);

    public void Exit()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _drained.TrySetResult();
    }
}
