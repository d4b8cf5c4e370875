using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Starts what stands on servers that may come later than itself, as after a power cut. It waits for as long as it takes and says for what: in the log at once
/// and then every half minute, and to whoever asks for readiness. What no waiting mends is thrown at once.
/// </summary>
internal sealed partial class PatientStart : IReadiness
{
    internal static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly ILogger<PatientStart> _log;
    private volatile WaitedFor _last = new("starting", "The node is starting.");
    private long _saidAt;

    internal PatientStart(TimeProvider time, ILogger<PatientStart> log)
    {
        _time = time;
        _log = log;
    }

    /// <summary>
    /// Returns what <paramref name="start"/> returns once it succeeds, and throws what it throws unless that passes. Before the second try
    /// <paramref name="serve"/> is called, to tell others of the wait; what it returns is disposed of when the wait is over.
    /// </summary>
    internal async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> start, Func<CancellationToken, Task<IAsyncDisposable>> serve, CancellationToken cancellation)
    {
        IAsyncDisposable? serving = null;
        try
        {
            for (TimeSpan pause = _firstPause; ; pause = 2 * pause < _longestPause ? 2 * pause : _longestPause)
            {
                try
                {
                    T started = await start(cancellation);
                    if (serving is not null)
                    {
                        LogGoesOn();
                    }

                    return started;
                }
                catch (Exception fault) when (fault is JournalException or LinkException or DataDirectoryException or KeyProviderException
                    && Passing(fault) is not null)
                {
                    Note(Passing(fault)!, isFirst: serving is null);
                }

                serving ??= await serve(cancellation);
                await Task.Delay(pause, _time, cancellation);
            }
        }
        finally
        {
            if (serving is not null)
            {
                await serving.DisposeAsync();
            }
        }
    }

    public Task<IResult> AskAsync(CancellationToken cancellation) => Task.FromResult<IResult>(Answer());

    /// <summary>What every path but that of health is answered meanwhile.</summary>
    internal Problem Answer()
    {
        WaitedFor last = _last;
        return Problem.Of(Refusal.Recoverable(
            "not_ready",
            $"The node is waiting for something that it cannot start without; down: {last.Message}",
            ("down", last.Message),
            ("fault", last.Code))) with
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            RetryAfterSeconds = 1,
        };
    }

    /// <summary>What comes back without anybody changing the configuration; null for everything else.</summary>
    private static WaitedFor? Passing(Exception fault) => fault switch
    {
        JournalException { IsTransient: true } journal => new(journal.Code, journal.Message),
        LinkException { IsTransient: true } link => new(link.Code, link.Message),
        DataDirectoryException { IsTransient: true } documents => new(documents.Code, documents.Message),
        KeyProviderException { IsTransient: true } key => new(key.Code, key.Message),
        _ => null,
    };

    /// <summary>Said again when it is another thing that is waited for.</summary>
    private void Note(WaitedFor waitedFor, bool isFirst)
    {
        bool isAnother = isFirst || waitedFor.Code != _last.Code;
        _last = waitedFor;
        if (isAnother || _time.GetElapsedTime(_saidAt) >= Reminder)
        {
            _saidAt = _time.GetTimestamp();
            LogWaiting(waitedFor.Code, waitedFor.Message);
        }
    }

    private sealed record WaitedFor(string Code, string Message);
}
