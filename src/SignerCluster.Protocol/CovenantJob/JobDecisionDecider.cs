using System.Diagnostics;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.CovenantJob.JobDecisionEvent,
    SignerCluster.Protocol.CovenantJob.JobDecisionEffect,
    SignerCluster.Protocol.CovenantJob.JobDecisionReply>;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>What happened to the decision on a job.</summary>
public abstract record JobDecisionEvent
{
    private JobDecisionEvent()
    {
    }

    /// <summary>An operator has given the job up.</summary>
    /// <param name="TakenAt">Unix seconds, by the node's clock.</param>
    public sealed record Abandoned(JobDecision Decision, ulong TakenAt) : JobDecisionEvent;
}

/// <summary>Where the decision on a job stands: none, or one for ever.</summary>
/// <param name="Decision">Null for none.</param>
public sealed record JobDecisionState(JobAddress Address, JobDecision? Decision = null);

/// <summary>
/// The one decision on one job. It has a history of its own, because that of the job cannot be read. The first one stands: nothing takes it back.
/// </summary>
public static class JobDecisionDecider
{
    public static Decider<JobDecisionState, JobDecisionAsked, JobDecisionEvent, JobDecisionEffect, JobDecisionReply> Decider { get; } =
        new(Decide, Evolve, static _ => [], static _ => false);

    public static JobDecisionState Initial(JobAddress address) => new(address);

    public static Decision Decide(JobDecisionState state, JobDecisionAsked asked) => (asked.Command, state.Decision) switch
    {
        (JobDecisionCommand.Look, var standing) => Decision.Accept(new JobDecisionReply(standing)),
        (JobDecisionCommand.Decide again, { } standing) when again.Decision == standing => Decision.Accept(new JobDecisionReply(standing)),
        (JobDecisionCommand.Decide { Decision: var decision }, var standing) => (Check(state.Address, decision, asked), standing) switch
        {
            ({ } refusal, _) => Decision.Refuse(refusal),
            (null, { } earlier) => Decision.Refuse(JobRefusals.AlreadyAbandoned(earlier)),
            _ => Decision.Accept(new JobDecisionReply(decision), new JobDecisionEvent.Abandoned(decision, asked.Now)),
        },
        _ => throw new UnreachableException(asked.Command.GetType().Name),
    };

    private static JobDecisionState Evolve(JobDecisionState state, JobDecisionEvent @event) => @event switch
    {
        JobDecisionEvent.Abandoned abandoned when state.Decision is null => state with { Decision = abandoned.Decision },
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot follow {state}."),
    };

    private static Refusal? Check(JobAddress job, JobDecision decision, JobDecisionAsked asked) => decision switch
    {
        _ when asked.Key is null => JobRefusals.DecisionsNotTaken,
        _ when !decision.IsAbout(job) => JobRefusals.DecisionOfAnother(job),
        _ when !JobDecision.IsReason(decision.Reason) => JobRefusals.DecisionReasonInvalid,
        _ when decision.Key != asked.Key => JobRefusals.DecisionNotAllowed(decision.Key),
        _ => decision.IsSignedFor(job) ? null : JobRefusals.DecisionUnsigned,
    };
}
