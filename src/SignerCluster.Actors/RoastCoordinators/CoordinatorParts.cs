using Akka.Actor;
using SignerCluster.Protocol;

namespace SignerCluster.Actors.RoastCoordinators;

/// <summary>What coordinated sessions work with.</summary>
/// <param name="Journal">The id of the coordinator's journal plugin.</param>
/// <param name="Seats">Takes a <see cref="Messages.ToSeat"/> for any seat to its participant; the answer comes back to the sender.</param>
/// <param name="Guardians">Where the coordinator's own guardians are.</param>
/// <param name="Standing">A group as the coordinator knows it at this moment.</param>
public sealed record CoordinatorParts(
    string Journal, IActorRef Seats, IActorRef Guardians, Func<GroupId, Standing> Standing, Quarantine Quarantine, CoordinatorSettings Settings);

/// <summary>Limits of a coordinator.</summary>
public sealed record CoordinatorSettings
{
    /// <summary>How long a session may stay open before the coordinator ends it for good, counted from when an activation first saw it open.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(24);

    public SeatAskSettings Seats { get; init; } = new();
}

/// <summary>How seats are asked. Nothing of it decides how a session goes: a seat that does not answer is simply asked again.</summary>
public sealed record SeatAskSettings
{
    /// <summary>How long an answer is waited for before the request is sent again.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Before a seat that could not answer is asked again; each further pause is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a request is held back that is of use only if no live attempt gets its shares; most often the session ends before, and the request is saved.
    /// Zero or more: sessions end with any value, and a silent seat costs them this much time.
    /// </summary>
    public TimeSpan SparePause { get; init; }
}
