using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Coordination;

/// <summary>
/// Carries a coordinator's effects out: asks seats until they answer, hands their answers back to the session, tells them the end.
/// Seats are idempotent, so a request whose answer was lost is simply sent again. The pauses between tries belong to the transport; the
/// protocol itself waits for nothing but answers. At most one request a seat and session is under way: a newer one replaces it.
/// </summary>
public sealed partial class SeatMessenger : IDisposable
{
    private const int LastWordTries = 5;

    private readonly IEngine _seats;
    private readonly IEngine _sessions;
    private readonly SeatMessengerSettings _settings;
    private readonly Conclusions _conclusions;
    private readonly TimeProvider _time;
    private readonly ILogger<SeatMessenger> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly ConcurrentDictionary<SeatAddress, CancellationTokenSource> _underWay = new();
    private readonly ConcurrentDictionary<Task, byte> _lastWords = new();

    /// <param name="seats">What reaches the seats.</param>
    /// <param name="sessions">What reaches the session that caused an effect.</param>
    public SeatMessenger(
        IEngine seats, IEngine sessions, Conclusions conclusions, SeatMessengerSettings settings, TimeProvider time, ILogger<SeatMessenger> log)
    {
        _seats = seats;
        _sessions = sessions;
        _settings = settings;
        _conclusions = conclusions;
        _time = time;
        _log = log;
        _stopping = _stop.Token;
    }

    /// <summary>Starts the effects and returns; none of them blocks the session that caused it.</summary>
    /// <param name="version">The version of that session on which they rest.</param>
    public void Run(IReadOnlyList<CoordinatorEffect> effects, long version)
    {
        foreach (CoordinatorEffect effect in effects)
        {
            switch (effect)
            {
                case CoordinatorEffect.AskSeat ask:
                    Watch(AskAsync(ask, version), ask.Seat);
                    break;
                case CoordinatorEffect.TellSeat tell:
                    CancelAsk(tell.Seat);
                    NoteLastWord(TellAsync(tell));
                    break;
                case CoordinatorEffect.Announce announce:
                    _conclusions.Announce(announce.End);
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException(effect.GetType().Name);
            }
        }
    }

    /// <summary>Waits until every seat that was to be told an end has been told, or was not to be reached, but no longer than this.</summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        try
        {
            await Task.WhenAll(_lastWords.Keys).WaitAsync(patience, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // A seat that was not told keeps its session until it expires.
        }
    }

    /// <summary>Gives up everything under way; sessions resume from the journal.</summary>
    public void Dispose()
    {
        if (!_stopping.IsCancellationRequested)
        {
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private void NoteLastWord(Task telling)
    {
        _lastWords.TryAdd(telling, 0);
        _ = telling.ContinueWith(
            told => _lastWords.TryRemove(told, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Nobody waits for this work, so what breaks in it must be said here.</summary>
    private void Watch(Task work, SeatAddress seat) => _ = work.ContinueWith(
        broken => LogDefect(broken.Exception!.GetBaseException(), seat.Session, seat.Seat),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private async Task AskAsync(CoordinatorEffect.AskSeat ask, long version)
    {
        using CancellationTokenSource mine = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        _underWay.AddOrUpdate(ask.Seat, mine, (_, older) => Replace(older, mine));
        try
        {
            if (ask.IsSpare && _settings.SparePause > TimeSpan.Zero)
            {
                await Task.Delay(_settings.SparePause, _time, mine.Token);
            }

            byte[] request = Message.Encode(ask.Requests, WireJson.Default.IReadOnlyListSeatRequest);
            IReadOnlyList<SeatAnswer> answers = await RepeatAsync(ask.Seat, () => TryAskAsync(ask.Seat, request, mine.Token), mine.Token);
            _underWay.TryRemove(KeyValuePair.Create(ask.Seat, mine));
            await RepeatAsync(ask.Seat, () => TryReportAsync(ask.Seat, answers, version), _stopping);
        }
        catch (OperationCanceledException)
        {
            // Replaced by a newer request, or the process is stopping.
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(ask.Seat, mine));
        }
    }

    private async Task TellAsync(CoordinatorEffect.TellSeat tell)
    {
        byte[] request = Message.Encode([tell.Request], WireJson.Default.IReadOnlyListSeatRequest);
        try
        {
            TimeSpan pause = _settings.FirstPause;
            for (int tries = 1; tries <= LastWordTries && (await TryAskAsync(tell.Seat, request, _stopping)).Done is null; tries++)
            {
                await Task.Delay(pause, _time, _stopping);
                pause *= 4;
            }
        }
        catch (OperationCanceledException)
        {
            // The process is stopping. A seat that was not told keeps its session until it expires.
        }
    }

    /// <summary>Not done when nothing came back that tells anything: the message was lost, or the seat could not write.</summary>
    private async ValueTask<Try<IReadOnlyList<SeatAnswer>>> TryAskAsync(SeatAddress seat, byte[] request, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = new(_settings.AnswerTimeout, _time);
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            ReadOnlyMemory<byte> reply = await _seats.AskAsync(EntityAddress.Of(seat), request, timeout.Token);
            if (!Message.TryDecode(reply.Span, WireJson.Default.IReadOnlyListSeatAnswer, out IReadOnlyList<SeatAnswer>? answers, out Refusal? malformed))
            {
                return new(null, malformed.Code);
            }

            return answers.All(static answer => Fault(answer) is not null)
                ? new(null, answers.Select(Fault).FirstOrDefault() ?? "no_answer")
                : new(answers, string.Empty);
        }
        catch (EngineException fault)
        {
            return new(null, fault.Code);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, "answer_timeout");
        }
    }

    /// <summary>
    /// What keeps a seat from answering, when it passes or an operator ends it; null for an answer. A seat in quarantine is no drop-out: it is asked until its
    /// row is restored.
    /// </summary>
    private static string? Fault(SeatAnswer answer) => answer switch
    {
        SeatAnswer.Failed failed => failed.Code,
        SeatAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode } => UnreadableHistoryException.RefusalCode,
        _ => null,
    };

    private async ValueTask<Try<CoordinatorAnswer>> TryReportAsync(SeatAddress seat, IReadOnlyList<SeatAnswer> answers, long version)
    {
        CoordinatorAddress session = new(seat.Group, seat.Session);
        byte[] report = Message.Encode<CoordinatorCommand>(
            new CoordinatorCommand.SeatAnswered(seat.Seat, answers, version), WireJson.Default.CoordinatorCommand);
        try
        {
            ReadOnlyMemory<byte> reply = await _sessions.AskAsync(EntityAddress.Of(session), report, _stopping);
            return Message.TryDecode(reply.Span, WireJson.Default.CoordinatorAnswer, out CoordinatorAnswer? answer, out Refusal? malformed)
                ? Fault(answer) is { } fault ? new(null, fault) : new(answer, string.Empty)
                : new(null, malformed.Code);
        }
        catch (EngineException lost)
        {
            return new(null, lost.Code);
        }
    }

    /// <summary>
    /// What keeps a session from taking a report; null when it took or refused it. A session in quarantine on one node may run on another that still has it
    /// in memory, and would never ask for this report again.
    /// </summary>
    private static string? Fault(CoordinatorAnswer answer) => answer switch
    {
        CoordinatorAnswer.Failed failed => failed.Code,
        CoordinatorAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode } => UnreadableHistoryException.RefusalCode,
        _ => null,
    };

    private async Task<T> RepeatAsync<T>(SeatAddress seat, Func<ValueTask<Try<T>>> attempt, CancellationToken cancellation)
        where T : class
    {
        for (TimeSpan pause = _settings.FirstPause; ; pause = Min(2 * pause, _settings.LongestPause))
        {
            cancellation.ThrowIfCancellationRequested();
            (T? done, string fault) = await attempt();
            if (done is not null)
            {
                return done;
            }

            LogTryingAgain(pause < _settings.LongestPause ? LogLevel.Debug : LogLevel.Warning, seat.Session, seat.Seat, fault);
            await Task.Delay(pause, _time, cancellation);
        }
    }

    private void CancelAsk(SeatAddress seat)
    {
        if (_underWay.TryRemove(seat, out CancellationTokenSource? ask))
        {
            Replace(ask, ask);
        }
    }

    private static CancellationTokenSource Replace(CancellationTokenSource older, CancellationTokenSource newer)
    {
        try
        {
            older.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this very moment; there is nothing left to cancel.
        }

        return newer;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    /// <summary>One try: what came of it, or the code of what was in the way.</summary>
    private readonly record struct Try<T>(T? Done, string Fault)
        where T : class;
}
