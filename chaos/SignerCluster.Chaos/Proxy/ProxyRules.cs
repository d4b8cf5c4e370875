namespace SignerCluster.Chaos.Proxy;

/// <summary>Which way bytes travel.</summary>
internal enum Direction
{
    ToServer,
    ToClient,
}

/// <summary>What a proxy does to one direction. Changes at any time; takes effect with the next bytes.</summary>
internal sealed class ProxyRules
{
    private long _delayTicks;
    private long _bytesPerSecond;
    private volatile TaskCompletionSource? _blocked;

    /// <summary>How long bytes are under way.</summary>
    internal TimeSpan Delay
    {
        get => new(Volatile.Read(ref _delayTicks));
        set => Volatile.Write(ref _delayTicks, value.Ticks);
    }

    /// <summary>0 for as fast as it goes.</summary>
    internal long BytesPerSecond
    {
        get => Volatile.Read(ref _bytesPerSecond);
        set => Volatile.Write(ref _bytesPerSecond, value);
    }

    /// <summary>Is nothing let through? What comes meanwhile is kept, as a sender keeps and sends again what the network lost.</summary>
    internal bool IsBlocked => _blocked is not null;

    internal void Block() => Interlocked.CompareExchange(ref _blocked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    internal void Unblock() => Interlocked.Exchange(ref _blocked, null)?.TrySetResult();

    internal async Task WhenOpenAsync(CancellationToken cancellation)
    {
        while (_blocked is { } blocked)
        {
            await blocked.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Back to a good network.</summary>
    internal void Clear()
    {
        (Delay, BytesPerSecond) = (TimeSpan.Zero, 0);
        Unblock();
    }
}
