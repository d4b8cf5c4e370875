using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>The participant's end of the link to one address: made, kept, and made again for as long as the node runs.</summary>
internal sealed partial class DialedLink
{
    private readonly Dialing _dialing;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> _answer;
    private readonly LinkLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile LinkState _state;

    internal DialedLink(
        string node,
        Dialing dialing,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> answer,
        LinkLimits limits,
        TimeProvider time,
        ILogger log)
    {
        _dialing = dialing;
        _answer = answer;
        _limits = limits;
        _time = time;
        _log = log;
        _state = new LinkState(string.Empty, node, dialing.Address, IsUp: false, Fault: null, time.GetUtcNow()) { IsDialed = true };
    }

    internal LinkState State => _state;

    internal async Task RunAsync(CancellationToken stop)
    {
        Pauses pauses = new(_limits);
        while (!stop.IsCancellationRequested)
        {
            long began = _time.GetTimestamp();
            string fault = await AttemptAsync(stop);
            SetDown(fault);
            await PauseAsync(pauses.After(_time.GetElapsedTime(began)), stop);
        }
    }

    private async Task<string> AttemptAsync(CancellationToken stop)
    {
        try
        {
            return await ConnectAsync(stop);
        }
        catch (Exception fault) when (LinkFaults.IsOfLink(fault))
        {
            return stop.IsCancellationRequested ? LinkException.LinkStopped : LinkFaults.NameOf(fault);
        }
        catch (Exception defect)
        {
            LogDefect(defect, _dialing.Address);
            return LinkFaults.Broken;
        }
    }

    private async Task<string> ConnectAsync(CancellationToken stop)
    {
        PeerCertificate shown = new(string.Empty, _time.GetUtcNow());
        using GrpcChannel channel = _dialing.Connect(met => shown = met);
        using CancellationTokenSource cut = new();
        LinkClock clock = new(_time, _limits);
        using AsyncDuplexStreamingCall<Parcel, Parcel> call = _dialing.Open(channel, clock, cut.Token);

        // The stream outlives a stop for as long as the goodbye takes; what is only being made does not.
        using (CancellationTokenSource patience = new(_limits.KeepaliveTimeout * 2, _time))
        await using (stop.Register(cut.Cancel))
        await using (patience.Token.Register(cut.Cancel))
            await call.ResponseHeadersAsync;
        SetUp(shown);
        using Answering answering = new(_answer, _dialing.Address, _limits, _time, _log);
        return await answering.RunAsync(call, clock, _dialing.LifetimeUntil(shown.NotAfter), stop);
    }

    private void SetUp(PeerCertificate shown)
    {
        _state = _state with { Party = shown.Party, CertificateEnds = shown.NotAfter, IsUp = true, Fault = null, Since = _time.GetUtcNow() };
        LogUp(shown.Party, _dialing.Address);
    }

    // An attempt that fails like the one before is no news.
    private void SetDown(string fault)
    {
        LinkState before = _state;
        if (!before.IsUp && before.Fault == fault)
            return;
        _state = before with { IsUp = false, Fault = fault, Since = _time.GetUtcNow() };
        if (fault is LinkException.LinkStopped or LinkFaults.Goodbye)
            LogEnded(_dialing.Address, fault);
        else
            LogDown(_dialing.Address, _state.FaultWithAdvice);
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            await Task.Delay(pause, _time, stop);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    [LoggerMessage(1631, LogLevel.Information, "The link with {Party} at {Address} is up.")]
    private partial void LogUp(string party, string address);

    [LoggerMessage(1632, LogLevel.Warning, "The link to {Address} is down: {Fault}. It is tried again until it is up.")]
    private partial void LogDown(string address, string fault);

    [LoggerMessage(1633, LogLevel.Information, "The link to {Address} ended: {Fault}.")]
    private partial void LogEnded(string address, string fault);

    [LoggerMessage(1634, LogLevel.Error, "The link to {Address} broke in a way that nobody expected.")]
    private partial void LogDefect(Exception defect, string address);
}
