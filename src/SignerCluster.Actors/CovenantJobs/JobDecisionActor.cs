using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.CovenantJobs;

/// <summary>The decision on one covenant job. Leaves the memory once it has answered.</summary>
public sealed class JobDecisionActor : EventSourcedActor<JobDecisionState, JobDecisionAsked, JobDecisionEvent, JobDecisionEffect, JobDecisionReply>
{
    private readonly JobParts _parts;

    private JobDecisionActor(JobAddress job, JobParts parts)
        : base(new(
            EntityAddress.DecisionOf(job),
            JobDecisionDecider.Initial(job),
            JobDecisionDecider.Decider,
            CovenantJobCodec.Decisions,
            NoSecrets<JobDecisionAsked>.Keeper,
            parts.Quarantine,
            parts.Journal)) => _parts = parts;

    /// <summary>The activation of the decision that an entity id names.</summary>
    public static Props Props(EntityId id, JobParts parts) =>
        Akka.Actor.Props.CreateBy(new Produced<JobDecisionActor>(() => new JobDecisionActor(EntityAddress.ToDecided(id), parts)));

    protected override IReadOnlyList<Func<JobDecisionAsked>>? Read(object message) => message is ToJobDecision asked
        ? [() => new JobDecisionAsked(asked.Command, _parts.DecisionKey, (ulong)_parts.Time.GetUtcNow().ToUnixTimeSeconds())]
        : null;

    protected override void Run(JobDecisionEffect effect) => throw new UnreachableException("A decision has no effects.");

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<JobDecisionReply>> verdicts) =>
        asker.Tell(new FromJobDecision(ToAnswer(verdicts[0])), ActorRefs.NoSender);

    protected override void Rest() => Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(Stop.Instance));

    private static JobDecisionAnswer ToAnswer(Verdict<JobDecisionReply> verdict) => verdict switch
    {
        Verdict<JobDecisionReply>.Granted granted => new JobDecisionAnswer.Granted(granted.Reply),
        Verdict<JobDecisionReply>.Refused refused => new JobDecisionAnswer.Refused(refused.Refusal),
        Verdict<JobDecisionReply>.Failed failed => new JobDecisionAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };
}
