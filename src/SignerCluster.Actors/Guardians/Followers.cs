using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Guardians;

/// <summary>
/// Tells every seat's guardian what the chain has more: one message at a time each, so that what is recorded meanwhile travels together in the next. What a
/// seat has not folded it is told again, for ever; a seat that was away is told from where it stopped.
/// </summary>
/// <param name="send">Tells a seat's guardian; its answer comes back to <see cref="Take(FromGuardian)"/>.</param>
/// <param name="read">Reads records from a position on for a seat; they come back to <see cref="TakeRead"/>.</param>
/// <param name="size">The group's seats, and how many of them sign.</param>
/// <param name="time">This node's clock.</param>
/// <param name="startTimer">Calls <see cref="Retry"/> for the seat after this time, in place of what was to call it before.</param>
internal sealed class Followers(
    GroupId group,
    (int Seats, int Threshold) size,
    GuardianSettings settings,
    TimeProvider time,
    Action<ToGuardian> send,
    Action<SeatId, long> read,
    Action<SeatId, TimeSpan> startTimer)
{
    /// <summary>Newest records kept in memory; what is older is read.</summary>
    private const int Kept = 4096;
    private const long Unknown = -1;
    private static readonly TimeSpan _jump = TimeSpan.FromSeconds(5);
    private readonly Follower[] _seats = [.. Enumerable.Range(0, size.Seats).Select(static _ => new Follower())];
    // Record p is at p modulo its length, for the positions from _oldest on to _end.
    private readonly GuardianRecord?[] _newest = new GuardianRecord?[Kept];
    private long _oldest;
    private long _end;
    private long _numbered;

    /// <summary>How far each seat's guardian is known to be; -1 where it is not known.</summary>
    internal IReadOnlyList<long> Positions => [.. _seats.Select(static seat => seat.Next)];

    /// <summary>
    /// The latest time, in unix seconds, that is not ahead of the clocks of as many seats as sign; null while fewer have told theirs. What they told moves on
    /// with the time that has passed since.
    /// </summary>
    internal ulong? SharedTime
    {
        get
        {
            ulong[] clocks = [.. _seats.Where(IsKnown).Select(NowAt).OrderDescending()];
            return clocks.Length < size.Threshold ? null : size.Threshold == 0 ? ulong.MaxValue : clocks[size.Threshold - 1];
        }
    }

    /// <summary>Asks the seats whose clocks are not known. Those that are being told something say it with their answer.</summary>
    internal void AskClocks()
    {
        for (int seat = 0; seat < _seats.Length && _end > 0; seat++)
        {
            if (_seats[seat].Told == 0 && !IsKnown(_seats[seat]))
            {
                _seats[seat].Told = ++_numbered;
                Send(new SeatId(seat), []);
            }
        }
    }

    /// <summary>Not when this node slept or its clock was set since: then nobody knows how much time has passed.</summary>
    private bool IsKnown(Follower seat) => seat.Clock is not null
        && (time.GetUtcNow() - seat.HeardAtOwn - time.GetElapsedTime(seat.HeardAt)).Duration() < _jump;

    /// <summary>A clock tells whole seconds, so it may have been almost one further.</summary>
    private ulong NowAt(Follower seat) =>
        seat.Clock > ulong.MaxValue / 2 ? ulong.MaxValue : seat.Clock!.Value + 1 + (ulong)time.GetElapsedTime(seat.HeardAt).TotalSeconds;

    internal void Publish(GuardianEffect.Publish published)
    {
        foreach (GuardianRecord record in published.Records)
        {
            _newest[record.Position % Kept] = record;
        }

        // A guardian that was read back publishes its end without its records.
        _oldest = Math.Max(published.Records.Count == 0 ? published.End : _oldest, published.End - Kept);
        _end = published.End;

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

    /// <summary>
    /// A seat's guardian has answered, or whoever carries the message says why there is no answer. Returns why a seat does not fold more, where that is news;
    /// null otherwise, also for a late answer.
    /// </summary>
    internal (SeatId Seat, Refusal Why)? Take(FromGuardian answered)
    {
        int seat = Array.FindIndex(_seats, follower => follower.Told == answered.Ask);
        if (answered.Ask == 0 || seat < 0)
        {
            return null;
        }

        Refusal? before = _seats[seat].Why;
        Take(new SeatId(seat), answered.Answer);
        return _seats[seat].Why is { } why && why != before ? (new SeatId(seat), why) : null;
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

        // A seat that does not tell its clock sets no bound.
        (follower.Clock, follower.HeardAt, follower.HeardAtOwn) = (folded.Now ?? ulong.MaxValue, time.GetTimestamp(), time.GetUtcNow());
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
        if (follower.Next != Unknown && follower.Next < _oldest)
        {
            startTimer(seat, settings.AnswerTimeout);
            read(seat, follower.Next);
        }
        else
        {
            Send(seat, follower.Next == Unknown ? [] : PageFrom(follower.Next));
        }
    }

    private GuardianRecord[] PageFrom(long position)
    {
        GuardianRecord[] page = new GuardianRecord[Math.Min(_end - position, settings.PageLength)];
        for (int index = 0; index < page.Length; index++)
        {
            page[index] = _newest[(position + index) % Kept]!;
        }

        return page;
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

        /// <summary>What time it was there when it answered last; null before.</summary>
        internal ulong? Clock { get; set; }

        internal long HeardAt { get; set; }

        internal DateTimeOffset HeardAtOwn { get; set; }
    }
}
