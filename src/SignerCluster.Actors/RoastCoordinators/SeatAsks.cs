using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.RoastCoordinators;

/// <summary>
/// What a session has asked its seats and is not answered yet: at most one request a seat, a newer one replaces it. Seats are idempotent, so a request without
/// an answer is simply sent again, on a timer.
/// </summary>
/// <param name="send">Takes a request to its seat.</param>
/// <param name="startTimer">Calls <see cref="Send"/> for the seat after this time, in place of what was to call it before.</param>
/// <param name="stopTimer">Lets nothing call it any more.</param>
public sealed class SeatAsks(
    CoordinatorAddress session, SeatAskSettings settings, Action<ToSeat> send, Action<SeatId, TimeSpan> startTimer, Action<SeatId> stopTimer)
{
    /// <summary>How often a seat is told the end; one that is not told keeps its session until it expires.</summary>
    private const int LastWordTries = 5;
    private readonly Dictionary<SeatId, Pending> _pending = [];
    private long _numbered;

    /// <summary>What asks carry from here on.</summary>
    internal string? Trace { get; set; }

    public bool IsEmpty => _pending.Count == 0;

    /// <summary>Asks a seat, at once or after a pause.</summary>
    public void Ask(SeatId seat, IReadOnlyList<SeatRequest> requests, TimeSpan pause)
    {
        _pending[seat] = new Pending(ToSeat(seat, requests), IsLastWord: false);
        SendAfter(seat, pause);
    }

    /// <summary>Tells a seat how the session ended.</summary>
    public void Tell(SeatId seat, SeatRequest request)
    {
        _pending[seat] = new Pending(ToSeat(seat, [request]), IsLastWord: true);
        SendAfter(seat, TimeSpan.Zero);
    }

    /// <summary>Is this what the session waits for? If the seat could not answer, it is asked again after a pause, and this is false.</summary>
    public bool TryTake(FromSeat answered, out string? fault)
    {
        fault = null;
        SeatId seat = answered.Seat.Seat;
        if (!_pending.TryGetValue(seat, out Pending? pending) || pending.Message.Ask != answered.Ask)
        {
            return false;
        }

        if (!answered.Answers.All(static answer => FaultOf(answer) is not null))
        {
            Forget(seat);
            return !pending.IsLastWord;
        }

        fault = answered.Answers.Select(FaultOf).FirstOrDefault() ?? "no_answer";
        SendAfter(seat, PauseAfter(pending.Tries));
        return false;
    }

    /// <summary>The pause of a seat, or its time to answer, is over.</summary>
    public void Send(SeatId seat)
    {
        if (!_pending.TryGetValue(seat, out Pending? pending))
        {
            return;
        }

        if (pending.IsLastWord && pending.Tries >= LastWordTries)
        {
            _pending.Remove(seat);
            return;
        }

        _pending[seat] = pending with { Tries = pending.Tries + 1 };
        startTimer(seat, settings.AnswerTimeout);
        send(pending.Message);
    }

    private ToSeat ToSeat(SeatId seat, IReadOnlyList<SeatRequest> requests) =>
        new(EntityAddress.Of(session.At(seat)), session.At(seat), requests, ++_numbered) { Trace = Trace };

    private void Forget(SeatId seat)
    {
        _pending.Remove(seat);
        stopTimer(seat);
    }

    private void SendAfter(SeatId seat, TimeSpan pause)
    {
        if (pause <= TimeSpan.Zero)
        {
            Send(seat);
        }
        else
        {
            startTimer(seat, pause);
        }
    }

    private TimeSpan PauseAfter(int tries)
    {
        TimeSpan pause = settings.FirstPause;
        for (int doubled = 1; doubled < tries && pause < settings.LongestPause; doubled++)
        {
            pause *= 2;
        }

        return pause < settings.LongestPause ? pause : settings.LongestPause;
    }

    /// <summary>
    /// What keeps a seat from answering, when it passes or an operator ends it; null for an answer. A seat in quarantine is no drop-out: it is asked until its
    /// row is restored.
    /// </summary>
    private static string? FaultOf(SeatAnswer answer) => answer switch
    {
        SeatAnswer.Failed failed => failed.Code,
        SeatAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode } => UnreadableHistoryException.RefusalCode,
        _ => null,
    };

    private sealed record Pending(ToSeat Message, bool IsLastWord, int Tries = 0);
}

/// <summary>A timer's word to a coordinated session: ask this seat, again or at last.</summary>
internal sealed record SendAgain(SeatId Seat);
