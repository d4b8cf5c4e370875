namespace SignerCluster.Protocol.Entities;

/// <summary>The first part of every entity id. The names are stored, so they are for ever.</summary>
public static class EntityKind
{
    /// <summary>A seat's part in a session: <c>seat/group/session/number</c>.</summary>
    public const string SigningSession = "seat";

    /// <summary>A coordinated session: <c>roast/group/session</c>.</summary>
    public const string RoastCoordinator = "roast";

    /// <summary>A group's guardian: <c>guard/group</c> at the coordinator, <c>guard/group/number</c> of a seat.</summary>
    public const string Guardian = "guard";

    /// <summary>The checkpoints of a guardian, which has the same parts: <c>check/group</c> or <c>check/group/number</c>.</summary>
    public const string Checkpoint = "check";

    /// <summary>A covenant job: <c>job/route/id</c>.</summary>
    public const string CovenantJob = "job";

    /// <summary>An operator's decision on a covenant job, which has the same parts: <c>decision/route/id</c>.</summary>
    public const string JobDecision = "decision";

    /// <summary>The key ring of a journal: <c>keys/ring</c>.</summary>
    public const string KeyRing = "keys";
}
