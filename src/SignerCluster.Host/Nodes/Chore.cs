using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Something that is done again and again in the background until it is disposed. A fault of a storage is said and does not end it.
/// </summary>
internal sealed partial class Chore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _name;
    private readonly ILogger<Chore> _log;
    private readonly Task _finished;

    private Chore(string name, TimeSpan period, Func<CancellationToken, Task> work, ILogger<Chore> log)
    {
        _name = name;
        _log = log;
        _finished = Task.Run(() => RunAsync(period, work, _stopping.Token));
    }

    /// <summary>Begins, and waits this long between the end of one time and the beginning of the next.</summary>
    internal static Chore Start(string name, TimeSpan period, Func<CancellationToken, Task> work, ILoggerFactory logs) =>
        new(name, period, work, logs.CreateLogger<Chore>());

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _finished.WaitAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private async Task RunAsync(TimeSpan period, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        bool isFailing = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping);
                isFailing = false;
            }
            catch (Exception fault) when (fault is JournalException or KeyProviderException)
            {
                LogFailed(isFailing ? LogLevel.Debug : LogLevel.Warning, _name, fault.Message);
                isFailing = true;
            }
            catch (OperationCanceledException)
            {
                // Stopping, or what the work stood on was lost; then it is begun again.
            }

            await Task.Delay(period, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = 2001, Message = "{Name}: {Fault} Trying again.")]
    private partial void LogFailed(LogLevel level, string name, string fault);
}
