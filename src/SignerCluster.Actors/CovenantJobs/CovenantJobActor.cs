using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.CovenantJobs;

/// <summary>One covenant job: asks its session to sign until that ends, and holds those who wait. Stays in memory while it is open.</summary>
public sealed class CovenantJobActor : EventSourcedActor<JobState, JobAsked, JobEvent, JobEffect, JobReply>, IWithTimers
{
    /// <summary>Who waits asks again after a while, so the oldest of very many has most likely gone.</summary>
    private const int MaximumWaiters = 256;
    private static readonly AskAgain _askAgain = new();
    private readonly JobParts _parts;
    private readonly Queue<IActorRef> _waiters = new();
    private TimeSpan _pause;

    // Is it known that no operator has given the job up? While its rows could not be read, one may have, and nothing of that is in them.
    private bool _isCleared;

    private CovenantJobActor(JobAddress job, JobParts parts)
        : base(new(
            EntityAddress.Of(job),
            JobDecider.Initial(job),
            JobDecider.Decider,
            CovenantJobCodec.Events,
            NoSecrets<JobAsked>.Keeper,
            parts.Quarantine,
            parts.Journal)) =>
        (_parts, _pause) = (parts, parts.Settings.FirstPause);

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The activation of the job that an entity id names.</summary>
    public static Props Props(EntityId id, JobParts parts) =>
        Akka.Actor.Props.CreateBy(new Produced<CovenantJobActor>(() => new CovenantJobActor(EntityAddress.ToJob(id), parts)));

    protected override IReadOnlyList<Func<JobAsked>>? Read(object message) => message switch
    {
        ToJob asked => [() => WithFacts(asked.Command)],
        FromSession answered => [() => WithFacts(new JobCommand.SessionAnswered(answered.Answer))],
        FromJobDecision { Answer: JobDecisionAnswer.Granted { Reply.Decision: { } decision } } => [() => WithFacts(new JobCommand.Abandon(decision))],
        AskAgain => [() => WithFacts(new JobCommand.Look())],
        _ => null,
    };

    protected override void Handle(object message)
    {
        _isCleared |= State is JobState.Absent;
        switch (message)
        {
            case FromJobDecision { Answer: JobDecisionAnswer.Granted { Reply.Decision: null } }:
                _isCleared = true;
                RunOwed();
                break;
            case FromJobDecision when Read(message) is null:
                // Nothing is known yet; it is asked again after the pause.
                break;
            default:
                base.Handle(message);
                break;
        }

        if (message is AskAgain)
        {
            RunOwed();
        }
    }

    protected override void Run(JobEffect effect)
    {
        JobEffect.Sign sign = (JobEffect.Sign)effect;
        if (!_isCleared)
        {
            _parts.Decisions().Tell(new ToJobDecision(State.Address, new JobDecisionCommand.Look()), Self);
            return;
        }

        _parts.Sessions.Tell(ToSession.Of(sign.Session, new CoordinatorCommand.Sign(sign.Request), waits: true), Self);
    }

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<JobReply>> verdicts)
    {
        switch (message, verdicts[0])
        {
            case (ToJob { Waits: true }, Verdict<JobReply>.Granted { Reply: JobReply.Pending }) when IsOpen:
                Await(asker);
                break;
            case (ToJob { Waits: true }, Verdict<JobReply>.Granted { Reply: JobReply.Pending }):
                // The end was written while this answer waited for its proof, and those who waited then were told.
                asker.Tell(Ended, ActorRefs.NoSender);
                break;
            case (ToJob, { } verdict):
                asker.Tell(new FromJob(ToAnswer(verdict)), ActorRefs.NoSender);
                break;
            case (_, Verdict<JobReply>.Granted) when !IsOpen:
                TellWaiters(Ended);
                break;
        }
    }

    protected override void Rest()
    {
        if (IsOpen && !Timers.IsTimerActive(_askAgain))
        {
            Timers.StartSingleTimer(_askAgain, _askAgain, _pause);
            _pause = _pause + _pause < _parts.Settings.LongestPause ? _pause + _pause : _parts.Settings.LongestPause;
        }
        else if (!IsOpen)
        {
            Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(Stop.Instance));
        }
    }

    protected override void End(JournalException fault, bool isUnknown) =>
        TellWaiters(new FromJob(new JobAnswer.Failed(fault.Code, fault.IsTransient)));

    private FromJob Ended => new(new JobAnswer.Granted(JobDecider.Status(State)));

    private static JobAnswer ToAnswer(Verdict<JobReply> verdict) => verdict switch
    {
        Verdict<JobReply>.Granted granted => new JobAnswer.Granted(granted.Reply),
        Verdict<JobReply>.Refused { Refusal: { Code: UnreadableHistoryException.RefusalCode } unreadable } =>
            new JobAnswer.Refused(JobRefusals.Quarantined(unreadable)),
        Verdict<JobReply>.Refused refused => new JobAnswer.Refused(refused.Refusal),
        Verdict<JobReply>.Failed failed => new JobAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };

    private JobAsked WithFacts(JobCommand command)
    {
        JobRequest? request = command is JobCommand.Submit submit ? submit.Request : (State as JobState.Accepted)?.Request;
        return new JobAsked(
            command,
            (ulong)_parts.Time.GetUtcNow().ToUnixTimeSeconds(),
            request is null ? Standing.Unknown : _parts.Standing(request.Group),
            request is null ? RegistryFacts.None : _parts.Registry.Ask(request.Reserve));
    }

    private void RunOwed()
    {
        foreach (JobEffect owed in JobDecider.Resume(State))
        {
            Run(owed);
        }
    }

    private void Await(IActorRef asker)
    {
        _waiters.Enqueue(asker);
        if (_waiters.Count > MaximumWaiters)
        {
            _waiters.Dequeue();
        }
    }

    private void TellWaiters(FromJob end)
    {
        while (_waiters.TryDequeue(out IActorRef? waiter))
        {
            waiter.Tell(end, ActorRefs.NoSender);
        }
    }

    private sealed record AskAgain;
}
