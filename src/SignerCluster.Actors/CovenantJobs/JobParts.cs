using Akka.Actor;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;

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
    public JobSettings Settings { get; init; } = new();
}

/// <summary>How jobs ask their sessions. Nothing of it decides how a job goes.</summary>
public sealed record JobSettings
{
    /// <summary>Before a session that gave no end is asked again; each further pause is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);
}
