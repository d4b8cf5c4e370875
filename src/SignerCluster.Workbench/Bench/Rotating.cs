namespace SignerCluster.Workbench.Bench;

/// <summary>Rotates the keys of all nodes at a pace, until it is stopped.</summary>
internal sealed class Rotating : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private int _rotations;

    internal Rotating(MeasuredCluster cluster, TimeSpan pace) => _work = RunAsync(cluster, pace);

    /// <summary>Rotations of single nodes that were done.</summary>
    internal int Rotations => Volatile.Read(ref _rotations);

    /// <summary>Throws what a rotation threw.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.WaitAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task RunAsync(MeasuredCluster cluster, TimeSpan pace)
    {
        using PeriodicTimer timer = new(pace);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                Interlocked.Add(ref _rotations, await cluster.RotateAsync());
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }
}
