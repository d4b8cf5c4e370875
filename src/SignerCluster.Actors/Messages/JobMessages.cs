using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Messages;

/// <summary>A client commands a covenant job.</summary>
/// <param name="Waits">Is a job that is open to be answered for at its end only? Whoever asks this gives up by itself after a while.</param>
public sealed record ToJob(JobAddress Job, JobCommand Command, bool Waits = false) : IEntityMessage
{
    public EntityId To => EntityAddress.Of(Job);
}

/// <summary>A command about the decision on a covenant job.</summary>
public sealed record ToJobDecision(JobAddress Job, JobDecisionCommand Command) : IEntityMessage
{
    public EntityId To => EntityAddress.DecisionOf(Job);
}

/// <summary>Whether a covenant job was given up.</summary>
public sealed record FromJobDecision(JobDecisionAnswer Answer) : IWireMessage;

/// <summary>Where a covenant job stands.</summary>
public sealed record FromJob(JobAnswer Answer) : IWireMessage;
