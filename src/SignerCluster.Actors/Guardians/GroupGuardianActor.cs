using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.Guardians;

/// <summary>
/// The guardian of one group: the coordinator's, which makes the chain and tells it to the seats' guardians, or a seat's, which folds it. Commands that wait at
/// one moment are decided together and become one write. Stays in memory, because every session of its group asks it.
/// </summary>
public sealed class GroupGuardianActor : EventSourcedActor<GuardianState, GuardianAsked, GuardianEvent, GuardianEffect, GuardianReply>, IWithTimers
{
    private readonly GuardianAddress _address;
    private readonly GuardianParts _parts;
    private readonly Followers? _followers;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Of a seat's: sessions that came before the record of their withdrawal. Of the coordinator's: what came before the seats had told their time.
    private readonly List<Asked> _early = [];
    private List<Asked> _gathered = [];
    private long? _asked;
    private long? _proved;

    // What is kept in checkpoints, and what will be once the one under way is written.
    private CheckpointMark _kept;
    private CheckpointMark? _keeping;

    private GroupGuardianActor(EntityId id, GuardianAddress address, GuardianParts parts)
        : base(new(
            id,
            GuardianDecider.Initial(address.Group),
            GuardianDecider.Decider,
            GuardianCodec.Events,
            NoSecrets<GuardianAsked>.Keeper,
            parts.Quarantine,
            parts.Journal)
        {
            Checkpoints = parts.Checkpoints,
        })
    {
        (_address, _parts) = (address, parts);
        if (parts.Seats is { } seats)
        {
            IActorRef self = Self;
            _followers = new Followers(
                address.Group,
                parts.SizeOf(address.Group),
                parts.Settings,
                parts.Time,
                told => seats.Tell(told, self),
                Read,
                (seat, pause) => Timers.StartSingleTimer(seat, new TellAgain(seat), pause));
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The activation of the guardian that an entity id names.</summary>
    public static Props Props(EntityId id, GuardianParts parts) =>
        Akka.Actor.Props.CreateBy(new Produced<GroupGuardianActor>(() => new GroupGuardianActor(id, EntityAddress.ToGuardian(id), parts)));

    protected override IReadOnlyList<Func<GuardianAsked>>? Read(object message) => message switch
    {
        Gathered gathered => [.. gathered.All.Select(one => WithFacts(one.Question.Command))],
        // Not decided by itself, but answered where there is no history to decide on.
        ToGuardian asked => [WithFacts(asked.Command)],
        _ => null,
    };

    protected override void Handle(object message)
    {
        switch (message)
        {
            case ToGuardian asked:
                Gather(new Asked(Sender, asked, IsLate: false));
                break;
            case Flush:
                Gathered gathered = new(_gathered);
                _gathered = [];
                Decide(ActorRefs.Nobody, gathered);
                break;
            case TooLate:
                _early.ForEach(asked => Gather(asked with { IsLate = true }));
                _early.Clear();
                break;
            case FromGuardian folded:
                Take(folded);
                break;
            case SeatRecords records:
                _followers!.TakeRead(records.Seat, records.Records);
                break;
            case TellAgain again:
                _followers!.Retry(again.Seat);
                break;
            case SaveSnapshotSuccess:
                (_kept, _keeping) = (_keeping!.Value, null);
                break;
            case SaveSnapshotFailure failed:
                // The chain is durable all the same. This activation keeps no more: what stands in the way most often stays, and each try would be larger.
                _log.Warning("Guardian of {Group}: no checkpoint could be kept: {Why}", _address.Group, failed.Cause.Message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void HeadAsked() => _asked = _parts.Time.GetTimestamp();

    protected override void HeadProved() => _proved = _asked;

    protected override GuardianState? Restore(object checkpoint)
    {
        if (checkpoint is not CheckpointedGuardian restored)
        {
            return null;
        }

        _kept = restored.Mark;
        return restored.State;
    }

    protected override void Rest()
    {
        if (_parts.Checkpoints is not null && _keeping is null && State.Position - _kept.Position >= _parts.Settings.CheckpointAfter)
        {
            _keeping = _kept.With(State);
            SaveSnapshot(new CheckpointedGuardian(State, _kept));
        }
    }

    protected override void Run(GuardianEffect effect)
    {
        GuardianEffect.Publish published = (GuardianEffect.Publish)effect;
        _followers?.Publish(published);
        GatherEarly();
    }

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<GuardianReply>> verdicts)
    {
        IReadOnlyList<Asked> all = message is Gathered gathered ? gathered.All : [new Asked(asker, (ToGuardian)message, IsLate: true)];
        foreach ((Asked asked, Verdict<GuardianReply> verdict) in all.Zip(verdicts))
        {
            if (IsEarly(asked, verdict))
            {
                Wait(asked);
            }
            else
            {
                // Only people ask how far the seats are; sessions, which ask all the time, do not.
                bool isShown = verdict is Verdict<GuardianReply>.Granted { Reply: GuardianReply.Shown };
                asked.Asker.Tell(
                    new FromGuardian(ToAnswer(asked, verdict), asked.Question.Ask, isShown ? _followers?.Positions : null), ActorRefs.NoSender);
            }
        }
    }

    /// <summary>A seat's session may come before the record of its withdrawal, because both are on the way at the same time.</summary>
    private bool IsEarly(Asked asked, Verdict<GuardianReply> verdict) => !asked.IsLate && (IsUnknown(asked, verdict) || IsLone(verdict));

    /// <summary>The coordinator's guardian was asked before the seats' had told what time it is.</summary>
    private static bool IsLone(Verdict<GuardianReply> verdict) =>
        verdict is Verdict<GuardianReply>.Refused { Refusal.Code: GuardianRefusals.TimeUnsharedCode };

    private void Wait(Asked asked)
    {
        // What it waits for may have come with this very decision, or while the journal was asked about the head: nothing else will tell that it is there.
        if (asked.Question.Command is GuardianCommand.Admit admit ? State.Withdrawals.Find(admit.Id) is not null : _followers?.SharedTime is not null)
        {
            Gather(asked);
            return;
        }

        _early.Add(asked);
        _followers?.AskClocks();
        if (!Timers.IsTimerActive(TooLate.Instance))
        {
            Timers.StartSingleTimer(TooLate.Instance, TooLate.Instance, _parts.Settings.RecordPatience);
        }
    }

    private bool IsUnknown(Asked asked, Verdict<GuardianReply> verdict) => _address.Seat is not null
        && asked.Question.Command is GuardianCommand.Admit
        && verdict is Verdict<GuardianReply>.Refused { Refusal.Code: GuardianRefusals.RequiredCode };

    /// <summary>A record that is still on its way is no refusal: the same question is simply asked again.</summary>
    private GuardianAnswer ToAnswer(Asked asked, Verdict<GuardianReply> verdict) => verdict switch
    {
        _ when IsUnknown(asked, verdict) => new GuardianAnswer.Failed(GuardianRefusals.RequiredCode, IsTransient: true),
        _ when IsLone(verdict) => new GuardianAnswer.Failed(GuardianRefusals.TimeUnsharedCode, IsTransient: true),
        Verdict<GuardianReply>.Granted granted => new GuardianAnswer.Granted(granted.Reply),
        Verdict<GuardianReply>.Refused refused => new GuardianAnswer.Refused(refused.Refusal),
        Verdict<GuardianReply>.Failed failed => new GuardianAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };

    private void GatherEarly()
    {
        _early.ForEach(Gather);
        _early.Clear();
    }

    private void Gather(Asked asked)
    {
        if (_gathered.Count == 0)
        {
            // Behind everything that waits already.
            Self.Tell(Flush.Instance, ActorRefs.NoSender);
        }

        _gathered.Add(asked);
    }

    private void Take(FromGuardian folded)
    {
        if (_followers?.Take(folded) is { } news)
        {
            _log.Warning("Guardian of {Group}: seat {Seat} does not fold the chain: {Why}", _address.Group, news.Seat, news.Why);
        }

        if (_followers?.SharedTime is not null)
        {
            GatherEarly();
        }
    }

    private void Read(SeatId seat, long from)
    {
        IActorRef self = Self;
        long rowsWithoutRecord = LastSequenceNr - State.Position;
        Context.ActorOf(RecordReading.Props(
            Journal,
            PersistenceId,
            from,
            from + _parts.Settings.PageLength + rowsWithoutRecord,
            _parts.Settings.PageLength,
            records => self.Tell(new SeatRecords(seat, records), ActorRefs.NoSender)));
    }

    /// <summary>The coordinator's guardian takes no time that the seats would not: a clock of its own that runs ahead must not hold them up.</summary>
    private Func<GuardianAsked> WithFacts(GuardianCommand command) => () =>
    {
        ulong? shared = _followers is null ? ulong.MaxValue : _followers.SharedTime;
        ulong own = (ulong)_parts.Time.GetUtcNow().ToUnixTimeSeconds();
        bool isProved = _proved is { } proved && _parts.Time.GetElapsedTime(proved) < GuardianAsked.ProofHolds;
        return new GuardianAsked(command, Math.Min(own, shared ?? own), isProved) { IsLone = shared is null };
    };

    /// <summary>A command and who waits for the answer.</summary>
    /// <param name="IsLate">Has it waited for its record already?</param>
    private sealed record Asked(IActorRef Asker, ToGuardian Question, bool IsLate);

    private sealed record Gathered(IReadOnlyList<Asked> All);

    private sealed record Flush
    {
        internal static Flush Instance { get; } = new();
    }

    private sealed record TooLate
    {
        internal static TooLate Instance { get; } = new();
    }

    private sealed record SeatRecords(SeatId Seat, IReadOnlyList<GuardianRecord> Records);

    private sealed record TellAgain(SeatId Seat);
}
