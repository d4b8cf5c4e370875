using Microsoft.Extensions.Logging;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// What happens to keys by itself, a little at a time on a timer: the next messages are reserved before an append has to wait for them, a key that has
/// sealed a good part of what it may is followed by another, and old rows are re-sealed at a limited rate.
/// </summary>
internal sealed partial class KeyUpkeep : IAsyncDisposable
{
    private readonly KeyKeeper _keeper;
    private readonly Resealing _resealing;
    private readonly KeyKeeperSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private Resealing.Pass? _pass;
    private Task _work = Task.CompletedTask;
    private int _doneThrough;
    private DateTimeOffset _restUntil;

    internal KeyUpkeep(KeyKeeper keeper, Resealing resealing, KeyKeeperSettings settings, TimeProvider time, ILogger log)
    {
        _keeper = keeper;
        _resealing = resealing;
        _settings = settings;
        _time = time;
        _log = log;
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _stop.CancelAsync();
        await _work.WaitAsync(CancellationToken.None);
        _stop.Dispose();
    }

    internal void Start() => _timer = _time.CreateTimer(_ => Tick(), null, _settings.BackgroundPeriod, _settings.BackgroundPeriod);

    private void Tick()
    {
        // Ticks come one after another, and each finds the work of the one before either done or still under way.
        if (_work.IsCompleted && !_stop.IsCancellationRequested && _time.GetUtcNow() >= _restUntil)
        {
            _work = WorkAsync();
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            if (_keeper.IsReservationDue)
            {
                await _keeper.ReserveAsync(messages: 1);
            }

            if (_keeper.IsRotationDue)
            {
                await _keeper.RotateAsync(_stop.Token);
            }

            await ResealAsync();
        }
        catch (Exception stopping) when (stopping is OperationCanceledException or JournalException { Code: IKeyRing.StoppedCode })
        {
            // The node is stopping; the next start goes on where this left off.
        }
        catch (Exception fault) when (fault is KeyProviderException or JournalException)
        {
            _restUntil = _time.GetUtcNow() + _settings.ProviderPause;
            LogFault(fault.Message, _settings.ProviderPause);
        }
    }

    private async ValueTask ResealAsync()
    {
        if (_pass is null && _keeper.Keys.Active is { } active && active.Epoch > _doneThrough)
        {
            _pass = _resealing.Begin();
        }

        if (_pass is { } pass && await pass.StepAsync(_settings.RowsPerPeriod, _stop.Token))
        {
            _pass = null;
            _doneThrough = pass.Report.IsComplete ? pass.Active : _doneThrough;
            if (!pass.Report.IsComplete)
            {
                _restUntil = _time.GetUtcNow() + _settings.ProviderPause;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The journal's keys cannot be kept up: {Fault} Trying again in {Pause}.")]
    private partial void LogFault(string fault, TimeSpan pause);
}
