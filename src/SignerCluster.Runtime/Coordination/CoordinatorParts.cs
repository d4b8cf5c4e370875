using Microsoft.Extensions.Logging;
using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Coordination;

/// <summary>What a coordinator works with.</summary>
/// <param name="Standing">A group as the coordinator knows it at this moment.</param>
/// <param name="Engine">What reaches every seat and session. Looked up at first use, because the engine is made from the entities that the coordinator
/// makes.</param>
public sealed record CoordinatorParts(
    IJournal Journal,
    Func<GroupId, Standing> Standing,
    Func<IEngine> Engine,
    CoordinatorSettings Settings,
    Quarantine Quarantine,
    TimeProvider Time,
    ILoggerFactory Logs)
{
    /// <summary>
    /// The mailboxes of this node, where <see cref="Engine"/> may route a session to another: what a seat answered is told to the activation that asked.
    /// Should another node have taken over meanwhile, the journal lets only one of them write. Null where both are one.
    /// </summary>
    public Func<IEngine>? Local { get; init; }
}

/// <summary>Limits of a coordinator.</summary>
public sealed record CoordinatorSettings
{
    /// <summary>How long a session may stay open before the coordinator ends it for good.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(24);

    public SeatMessengerSettings Seats { get; init; } = new();
}

/// <summary>How seats are asked. Nothing of it decides how a session goes: a seat that does not answer is simply asked again.</summary>
public sealed record SeatMessengerSettings
{
    /// <summary>How long an answer is waited for before the request is sent again.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Before the first repetition; each further one waits twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a request is held back that is of use only if no live attempt gets its shares; most often the session ends before, and the request is saved.
    /// Zero or more: sessions end with any value, and a silent seat costs them this much time.
    /// </summary>
    public TimeSpan SparePause { get; init; }
}
