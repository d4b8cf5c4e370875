using System.Collections.Concurrent;
using Grpc.Core;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>The coordinator's end of one link: sends requests and hands their answers to whoever waits.</summary>
internal sealed class AcceptedLink : IDisposable
{
    private readonly LinkState _state;
    private readonly LinkLimits _limits;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, AwaitedAnswer> _awaited = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Outbox _outbox;
    private readonly LinkClock _clock;
    private readonly ITimer _sweep;
    private ulong _lastNumber;
    private ulong _answers;
    private int _inFlight;
    private volatile bool _isLeaving;
    private volatile bool _heardGoodbye;
    private string? _fault;

    internal AcceptedLink(LinkState state, LinkClock clock, LinkLimits limits, TimeProvider time)
    {
        _state = state;
        _limits = limits;
        _time = time;
        _outbox = new Outbox(limits.Window);
        _clock = clock;
        TimeSpan pace = TimeSpan.FromMilliseconds(Math.Clamp(limits.AnswerTimeout.TotalMilliseconds / 4, 50, 1000));
        _sweep = time.CreateTimer(static link => ((AcceptedLink)link!).Sweep(), this, pace, pace);
    }

    /// <summary>The link as it is now.</summary>
    internal LinkState State => Fault is { } fault ? _state with { IsUp = false, Fault = fault } : _state;

    /// <summary>Why the link ended; null while it is up.</summary>
    internal string? Fault => Volatile.Read(ref _fault);

    internal bool TakesRequests => !_isLeaving && !_heardGoodbye && Fault is null;

    internal bool HasRoom => Volatile.Read(ref _inFlight) < _limits.Window;

    /// <returns>What waits for the answer; null when there is no room.</returns>
    internal AwaitedAnswer? TryAsk(ReadOnlyMemory<byte> request)
    {
        if (Interlocked.Increment(ref _inFlight) > _limits.Window)
        {
            Interlocked.Decrement(ref _inFlight);
            return null;
        }

        // First the asker, then the frame: an end between the two fails the asker like all others.
        ulong number = Interlocked.Increment(ref _lastNumber);
        AwaitedAnswer awaited = new(_time.GetTimestamp());
        _awaited[number] = awaited;
        if (_outbox.TryAdd(new Outgoing(number, request) { Trace = LinkTraces.Current }))
            return awaited;
        Take(number);
        return null;
    }

    /// <summary>Carries requests and answers until the link ends.</summary>
    /// <returns>Why it ended.</returns>
    internal async Task<string> RunAsync(IAsyncStreamReader<Parcel> reader, IAsyncStreamWriter<Parcel> writer, CancellationToken aborted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, _ended.Token);
        Task reading = EndAfter(() => Inbox.ReadAsync(reader, _limits, Take, either.Token));
        Task writing = EndAfter(() => SendAsync(writer, either.Token));
        await Task.WhenAll(reading, writing);
        return Fault!;
    }

    /// <summary>Ends the link for a reason; the first one counts.</summary>
    internal void End(string fault)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is not null)
            return;
        _outbox.Complete();
        FailAll(fault == LinkException.LinkStopped ? LinkException.LinkStopped : LinkException.LinkLost, $"The link ended before the answer came: {fault}.");
        _ended.Cancel();
    }

    /// <summary>Says goodbye after what still waits to be sent, and ends the link; everybody who waits is told at once.</summary>
    internal void Leave()
    {
        _isLeaving = true;
        FailAll(LinkException.LinkStopped, "This node is shutting down.");
        _outbox.TryAdd(Outgoing.Goodbye);
        _outbox.Complete();
    }

    public void Dispose()
    {
        End(LinkException.LinkLost);
        _sweep.Dispose();
        _ended.Dispose();
    }

    // The outbox ends by itself only after the goodbye.
    private async Task<string?> SendAsync(IAsyncStreamWriter<Parcel> writer, CancellationToken cancellation)
    {
        await _outbox.SendAsync(writer, cancellation);
        return LinkException.LinkStopped;
    }

    private async Task EndAfter(Func<Task<string?>> half)
    {
        try
        {
            End(await half() ?? LinkFaults.Goodbye);
        }
        catch (Exception fault) when (LinkFaults.IsOfLink(fault))
        {
            // However a stream breaks after a goodbye, the goodbye was the reason.
            End(_heardGoodbye ? LinkFaults.Goodbye : LinkFaults.NameOf(fault));
        }
    }

    private ValueTask<string?> Take(Parcel parcel)
    {
        // A late answer finds nobody and is no offence, but nobody can have more answers than there were requests.
        _answers += (ulong)(parcel.Numbers.Count + parcel.Unanswered.Count);
        if (_answers > Volatile.Read(ref _lastNumber))
            return ValueTask.FromResult<string?>(LinkFaults.Unasked);
        for (int index = 0; index < parcel.Numbers.Count; index++)
            Take(parcel.Numbers[index])?.TrySetResult(parcel.Payloads[index].Memory);
        foreach (ulong number in parcel.Unanswered)
            Take(number)?.Fail(LinkException.AnswerTimeout, "The other side has no answer to this request.");
        _heardGoodbye |= parcel.Goodbye;
        return ValueTask.FromResult<string?>(null);
    }

    private AwaitedAnswer? Take(ulong number)
    {
        if (_awaited.TryRemove(number, out AwaitedAnswer? awaited))
            Interlocked.Decrement(ref _inFlight);
        return awaited;
    }

    private void Sweep()
    {
        if (_clock.HasJumped)
            End(LinkFaults.ClockOff);
        foreach ((ulong number, AwaitedAnswer awaited) in _awaited)
        {
            if (_time.GetElapsedTime(awaited.AskedAt) >= _limits.AnswerTimeout)
                Take(number)?.Fail(LinkException.AnswerTimeout, $"No answer came within {_limits.AnswerTimeout.TotalSeconds} s.");
        }
    }

    private void FailAll(string code, string message)
    {
        foreach (ulong number in _awaited.Keys)
            Take(number)?.Fail(code, message);
    }
}
