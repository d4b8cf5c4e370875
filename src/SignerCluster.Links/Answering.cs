using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>
/// The participant's end of one stream: every request is handed to the owner of the node, and the answer goes back. A request holds its place in the window
/// until its answer has been handed to the transport; while the window is full nothing is read, so whoever floods waits for himself.
/// </summary>
internal sealed partial class Answering : IDisposable
{
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> _answer;
    private readonly LinkLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _address;
    private readonly SemaphoreSlim _places;
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _end;
    private volatile bool _isLeaving;
    private volatile bool _heardGoodbye;

    internal Answering(
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> answer,
        string address,
        LinkLimits limits,
        TimeProvider time,
        ILogger log)
    {
        _answer = answer;
        _address = address;
        _limits = limits;
        _time = time;
        _log = log;
        _end = _ended.Token;
        _places = new SemaphoreSlim(limits.Window);
        _outbox = new Outbox(limits.Window, places => _places.Release(places));
    }

    /// <summary>Answers until the stream ends, or until the node stops: then it says goodbye, and what is under way may finish.</summary>
    /// <param name="lifetime">After this long the link ends, to be made anew.</param>
    /// <returns>Why it ended.</returns>
    internal async Task<string> RunAsync(AsyncDuplexStreamingCall<Parcel, Parcel> call, LinkClock clock, TimeSpan lifetime, CancellationToken stop)
    {
        using CancellationTokenSource expiry = new(lifetime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, stop);
        TaskCompletionSource<string?> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration =
            either.Token.Register(() => asked.TrySetResult(stop.IsCancellationRequested ? LinkException.LinkStopped : LinkFaults.Expired));
        await using ITimer watch = clock.Watch(() => asked.TrySetResult(LinkFaults.ClockOff));
        Task<string?> reading = NameEnd(() => Inbox.ReadAsync(call.ResponseStream, _limits, TakeAsync, _end));
        Task<string?> writing = NameEnd(() => SendAsync(call.RequestStream));
        await Task.WhenAny(reading, writing, asked.Task);
        bool isAsked = asked.Task.IsCompleted;
        if (isAsked)
            await LeaveAsync(call, reading, writing);
        string? fault = isAsked ? await asked.Task : await EndOfAsync(reading, writing);
        _outbox.Complete();
        await _ended.CancelAsync();
        call.Dispose();
        await Task.WhenAll(reading, writing);
        return fault is null || _heardGoodbye ? LinkFaults.Goodbye : fault;
    }

    public void Dispose()
    {
        _ended.Dispose();

        // Answers that nobody waits for any more may still come back, and ask for nothing that is native.
        _outbox.Complete();
    }

    private async Task LeaveAsync(AsyncDuplexStreamingCall<Parcel, Parcel> call, Task reading, Task writing)
    {
        using CancellationTokenSource patience = new(_limits.Goodbye, _time);
        try
        {
            _isLeaving = true;
            _outbox.TryAdd(Outgoing.Goodbye);

            // Whoever holds all places knows that every answer has been sent.
            for (int place = 0; place < _limits.Window; place++)
                await _places.WaitAsync(patience.Token);
            _outbox.Complete();
            await writing.WaitAsync(patience.Token);
            await call.RequestStream.CompleteAsync();
            await reading.WaitAsync(patience.Token);
        }
        catch (Exception fault) when (LinkFaults.IsOfLink(fault))
        {
            // The other side was gone before, or what is under way takes too long.
        }
    }

    private async Task<string?> SendAsync(IAsyncStreamWriter<Parcel> stream)
    {
        await _outbox.SendAsync(stream, _end);
        return null;
    }

    private async ValueTask<string?> TakeAsync(Parcel parcel)
    {
        for (int index = 0; index < parcel.Numbers.Count; index++)
        {
            // What crossed our goodbye is not begun, and its asker need not wait for our end.
            if (await HasPlaceAsync())
                _ = AnswerAsync(parcel.Numbers[index], parcel.Payloads[index].Memory, LinkTraces.Of(parcel, index));
            else
                _outbox.TryAdd(new Outgoing(parcel.Numbers[index], Payload: null, HoldsPlace: false));
        }

        _heardGoodbye |= parcel.Goodbye;
        return null;
    }

    private async ValueTask<bool> HasPlaceAsync()
    {
        if (_isLeaving)
            return false;
        await _places.WaitAsync(_end);
        if (!_isLeaving)
            return true;
        _places.Release();
        return false;
    }

    private async Task AnswerAsync(ulong number, ReadOnlyMemory<byte> request, ActivityContext? asker)
    {
        // The next request is read meanwhile.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using Activity? span = LinkTraces.StartAnswer(asker);
        ReadOnlyMemory<byte>? answer = null;
        try
        {
            answer = await _answer(request, _end);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Nobody can be told.
        }
        catch (Exception defect)
        {
            LogDefect(defect, _address);
        }

        if (answer is { } tooLong && tooLong.Length > _limits.MaximumFrameBytes)
        {
            LogTooLong(tooLong.Length, _address, _limits.MaximumFrameBytes);
            answer = null;
        }

        if (!_outbox.TryAdd(new Outgoing(number, answer)))
            _places.Release();
    }

    // A write that fails tells less than what the other side said about the end.
    private async Task<string?> EndOfAsync(Task<string?> reading, Task<string?> writing)
    {
        using CancellationTokenSource patience = new(_limits.Goodbye, _time);
        try
        {
            return await reading.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return await writing.WaitAsync(CancellationToken.None);
        }
    }

    private static async Task<string?> NameEnd(Func<Task<string?>> half)
    {
        try
        {
            return await half();
        }
        catch (Exception fault) when (LinkFaults.IsOfLink(fault))
        {
            return LinkFaults.NameOf(fault);
        }
    }

    [LoggerMessage(1621, LogLevel.Error, "A request from {Address} is not answered: the handler broke.")]
    private partial void LogDefect(Exception defect, string address);

    [LoggerMessage(
        1622,
        LogLevel.Error,
        "A request from {Address} is not answered: the answer of {Bytes} bytes is longer than the {Maximum} that a link carries.")]
    private partial void LogTooLong(int bytes, string address, int maximum);
}
