using Akka.Actor;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.CovenantJobs;

/// <summary>What covenant jobs work with.</summary>
/// <param name="Journal">The id of the party's journal plugin.</param>
/// <param name="Sessions">Where the party's coordinated sessions are.</param>
/// <param name="Standing">A group as the party knows it at this moment.</param>
public sealed record JobParts(
    string Journal,
    IActorRef Sessions,
    Func<GroupId, Standing> Standing,
    IRegistry Registry,
    Quarantine Quarantine,
    TimeProvider Time)
{
    /// <summary>Where the decisions on the party's jobs are.</summary>
    public required Func<IActorRef> Decisions { get; init; }

    /// <summary>Whoever may give jobs up (BIP-0340); null where nobody may.</summary>
    public Bytes32? DecisionKey { get; init; }

    /// <summary>The activation of the job, or of the decision on one, that an entity id names: both are in one region.</summary>
    public Props PropsOf(EntityId id) => id.Kind == EntityKind.JobDecision ? JobDecisionActor.Props(id, this) : CovenantJobActor.Props(id, this);

    public JobSettings Settings { get; init; } = new();
}

/// <summary>How jobs ask their sessions. Nothing of it decides how a job goes.</summary>
public sealed record JobSettings
{
    /// <summary>Before a session that gave no end is asked again; each further pause is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);
}
