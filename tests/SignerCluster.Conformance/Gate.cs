namespace SignerCluster.Conformance;

/// <summary>
/// A point that one side of a test passes only after the other side has opened it. Waiting gives up after a minute and names the gate:
/// a watchdog against a hang, never a measure of time.
/// </summary>
public sealed class Gate(string name)
{
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(60);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Returns when somebody has come to it.</summary>
    public Task WhenReachedAsync() => _reached.Task.WaitAsync(_watchdog);

    public bool IsOpen => _opened.Task.IsCompleted;

    public void Open() => _opened.TrySetResult();

    public async Task WaitAsync()
    {
        _reached.TrySetResult();
        try
        {
            await _opened.Task.WaitAsync(_watchdog);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"Nobody opened the gate '{name}'.", e);
        }
    }
}
