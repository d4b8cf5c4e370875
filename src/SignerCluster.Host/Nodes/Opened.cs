namespace SignerCluster.Host.Nodes;

/// <summary>Lets a stack of what was opened hold what closes at once too.</summary>
internal static class Opened
{
    internal static T Keep<T>(this Stack<IAsyncDisposable> opened, T disposable)
        where T : IDisposable
    {
        opened.Push(new Synchronous(disposable));
        return disposable;
    }

    private sealed class Synchronous(IDisposable disposable) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            disposable.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
