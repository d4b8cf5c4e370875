using Akka.Actor.Setup;

namespace SignerCluster.Actors.Downing;

/// <summary>Gives an actor system the locks of its nodes: <see cref="DatabaseLockDowning"/> asks for it.</summary>
public sealed class NodeLocksSetup(INodeLocks locks, DowningSettings? settings = null) : Setup
{
    public INodeLocks Locks { get; } = locks;

    public DowningSettings Settings { get; } = settings ?? new DowningSettings();
}

/// <summary>How closely the other nodes are watched.</summary>
public sealed record DowningSettings
{
    /// <summary>Between two looks at the locks; positive.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the database may take for one look; positive.</summary>
    public TimeSpan LookLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After a look that failed; positive.</summary>
    public TimeSpan PauseAfterFault { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a member's port may take to refuse; positive. One that does neither answer nor refuse in that time does not count as refusing.
    /// </summary>
    public TimeSpan DialLimit { get; init; } = TimeSpan.FromMilliseconds(300);
}
