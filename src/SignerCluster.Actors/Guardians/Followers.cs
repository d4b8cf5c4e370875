using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Guardians;

/// <summary>
/// Tells every seat's guardian what the chain has more: one message at a time each, so that what is recorded meanwhile travels together in the next. What a seat
/// has not folded it is told again, for ever; a seat that was away is told from where it stopped.
/// </summary>
/// <param name="send">Tells a seat's guardian; its answer comes back to <see cref="Take(FromGuardian)"/>.</param>
/// <param name="read">Reads records from a position on for a seat; they come back to <see cref="TakeRead"/>.</param>
/// <param name="startTimer">Calls <see cref="Retry"/> for the seat after this time, in place of what was to call it before.</param>
internal sealed class Followers(
    GroupId group, int seats, GuardianSettings settings, Action<ToGuardian> send, Action<SeatId, long> read, Action<SeatId, TimeSpan> startTimer)
{
    /// <summary>Newest records kept in memory; what is older is read.</summary>
    private const int Kept = 4096;
    private const long Unknown = -1;
    private readonly Follower[] _seats = [.. Enumerable.Range(0, seats).Select(static _ => new Follower())];
    private readonly Queue<GuardianRecord> _newest = new();
    private long _end;
    private long _numbered;

    /// <summary>How far each seat's guardian is known to be; -1 where it is not known.</summary>
    internal IReadOnlyList<long> Positions => [.. _seats.Select(static seat => seat.Next)];

    /// <summary>Why a seat's guardian does not fold what it was told last; null while it does.</summary>
    internal Refusal? WhyNot(SeatId seat) => _seats[seat.Value].Why;

    internal void Publish(GuardianEffect.Publish published)
    {
        _end = published.End;
        foreach (GuardianRecord record in published.Records)
        {
            _newest.Enqueue(record);
        }

        while (_newest.Count > Kept)
        {
            _newest.Dequeue();
        }

        for (int seat = 0; seat < _seats.Length; seat++)
        {
            Tell(new SeatId(seat));
        }
    }

    /// <summary>A seat's guardian gave no answer, or not a good one: it is told again.</summary>
    internal void Retry(SeatId seat)
    {
        _seats[seat.Value].Told = 0;
        Tell(seat);
    }

    internal void TakeRead(SeatId seat, IReadOnlyList<GuardianRecord> records)
    {
        if (records.Count > 0)
        {
            Send(seat, records);
        }
        else
        {
            startTimer(seat, settings.Pause);
        }
    }

    /// <summary>A seat's guardian has answered, or whoever carries the message says why there is no answer. Returns the seat that it was; null for a late one.</summary>
    internal SeatId? Take(FromGuardian answered)
    {
        int seat = Array.FindIndex(_seats, follower => follower.Told == answered.Ask);
        if (answered.Ask == 0 || seat < 0)
        {
            return null;
        }

        Take(new SeatId(seat), answered.Answer);
        return new SeatId(seat);
    }

    private void Take(SeatId seat, GuardianAnswer answer)
    {
        Follower follower = _seats[seat.Value];
        if (answer is not GuardianAnswer.Granted { Reply: GuardianReply.Folded folded })
        {
            startTimer(seat, settings.Pause);
            return;
        }

        (follower.Next, follower.Why) = (folded.Next, folded.Why);
        if (folded.Why is null || folded.Why.Code == GuardianRefusals.BehindCode)
        {
            Retry(seat);
        }
        else
        {
            startTimer(seat, settings.Pause);
        }
    }

    /// <summary>Tells a seat's guardian what it lacks, unless it is being told or lacks nothing.</summary>
    private void Tell(SeatId seat)
    {
        Follower follower = _seats[seat.Value];
        if (follower.Told != 0 || follower.Next >= _end || _end == 0)
        {
            return;
        }

        follower.Told = ++_numbered;
        if (follower.Next != Unknown && (_newest.Count == 0 || _newest.Peek().Position > follower.Next))
        {
            startTimer(seat, settings.AnswerTimeout);
            read(seat, follower.Next);
        }
        else
        {
            Send(seat, follower.Next == Unknown ? [] : [.. _newest.Where(record => record.Position >= follower.Next).Take(settings.PageLength)]);
        }
    }

    private void Send(SeatId seat, IReadOnlyList<GuardianRecord> records)
    {
        startTimer(seat, settings.AnswerTimeout);
        send(new ToGuardian(new GuardianAddress(group, seat), new GuardianCommand.Fold(records), _seats[seat.Value].Told));
    }

    private sealed class Follower
    {
        /// <summary>The position of the record that it wants next.</summary>
        internal long Next { get; set; } = Unknown;

        /// <summary>The number of the message that is not answered yet; 0 for none.</summary>
        internal long Told { get; set; }

        internal Refusal? Why { get; set; }
    }
}
