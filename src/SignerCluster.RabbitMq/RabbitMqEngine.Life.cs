using Microsoft.Extensions.Logging;

namespace SignerCluster.RabbitMq;

/// <summary>Connections one after the other, and the end.</summary>
public sealed partial class RabbitMqEngine
{
    private void Begin(BrokerLink link)
    {
        _link = link;
        LogConnected(_settings.BrokerName, _settings.Party, _settings.Node);
        TimeSpan period = _settings.AnswerTimeout / 10;
        _upkeep = _time.CreateTimer(_ => Upkeep(), null, period, period);
        _keeping = KeepConnectedAsync(link);
    }

    private async Task KeepConnectedAsync(BrokerLink first)
    {
        for (BrokerLink? link = first; link is not null; link = await ReconnectAsync())
        {
            _link = link;
            await using (_stopping.Token.UnsafeRegister(static link => ((BrokerLink)link!).Lose("the node stops"), link))
                await link.WaitForLossAsync();
            _reason = link.Fault ?? UntoldReason;
            int waiting = link.Waiting.Count;
            BrokerLink lost = link;
            link.Waiting.FailAll(() => _stopping.IsCancellationRequested ? Stopped() : ConnectionLost(lost));
            if (!_stopping.IsCancellationRequested)
                LogLost(_settings.BrokerName, _reason, waiting);
            await link.DisposeAsync();
            _link = null;
        }
    }

    /// <summary>Null when the engine stops.</summary>
    private async Task<BrokerLink?> ReconnectAsync()
    {
        for (TimeSpan pause = _settings.FirstPause; !_stopping.IsCancellationRequested;
            pause = pause * 2 < _settings.LongestPause ? pause * 2 : _settings.LongestPause)
        {
            try
            {
                BrokerLink link = await _setup.OpenAsync(Take, TakeAnswersAsync, checksPlugin: false, _stopping.Token);
                LogConnected(_settings.BrokerName, _settings.Party, _settings.Node);
                return link;
            }
            catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
            {
                _reason = BrokerFaults.OfConnecting(fault, _settings).Message;
                if (!_stopping.IsCancellationRequested)
                    LogNoConnection(_reason, (int)pause.TotalMilliseconds);
            }

            await Task.Delay(pause, _time, _stopping.Token)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return null;
    }

    private async Task StopAsync()
    {
        LogStopping(_settings.BrokerName);
        using var grace = new CancellationTokenSource(_settings.StopGrace, _time);
        try
        {
            if (_link is { Fault: null } link)
                await link.LeaveAsync(grace.Token);
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            LogUnfinished(fault.Message);
        }

        _busy.Exit();
        try
        {
            await _busy.DrainAsync(grace.Token);
            _handling?.Dispose();
        }
        catch (OperationCanceledException)
        {
            LogUnfinished($"something took longer than {_settings.StopGrace.TotalSeconds} s.");
        }

        await _stopping.CancelAsync();
        await _keeping.WaitAsync(CancellationToken.None);
        await _upkeep!.DisposeAsync();
        _stopping.Dispose();
    }

    [LoggerMessage(1, LogLevel.Information, "Connected to the broker {broker} as the node {node} of {party}.")]
    private partial void LogConnected(string broker, string party, string node);

    [LoggerMessage(
        2,
        LogLevel.Error,
        "The connection to the broker {broker} was lost: {reason}. Asks that waited and have to be asked again: {waiting}. Connecting again.")]
    private partial void LogLost(string broker, string reason, int waiting);

    [LoggerMessage(3, LogLevel.Error, "{reason} The next attempt follows in {pause} ms.")]
    private partial void LogNoConnection(string reason, int pause);

    [LoggerMessage(4, LogLevel.Information, "Leaving the broker {broker}: nothing new is taken, what is under way finishes.")]
    private partial void LogStopping(string broker);

    [LoggerMessage(5, LogLevel.Warning, "Not everything finished before the stop: {reason}")]
    private partial void LogUnfinished(string reason);

    [LoggerMessage(6, LogLevel.Debug, "Dropped a reply from {exchange} that nobody waits for any more.")]
    private partial void LogLateReply(string exchange);
}
