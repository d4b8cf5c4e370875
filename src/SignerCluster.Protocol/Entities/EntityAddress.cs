using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Frost;
using SignerCluster.Protocol.CovenantJob;

namespace SignerCluster.Protocol.Entities;

/// <summary>How the protocol's addresses are written as entity ids. The text is stored, so it is for ever.</summary>
public static class EntityAddress
{
    /// <summary>The one ring of a journal.</summary>
    public static EntityId KeyRing { get; } = EntityId.Parse($"{EntityKind.KeyRing}/ring");

    public static EntityId Of(SeatAddress seat) => EntityId.Parse($"{EntityKind.SigningSession}/{seat.Group}/{seat.Session}/{seat.Seat}");

    public static EntityId Of(CoordinatorAddress session) => EntityId.Parse($"{EntityKind.RoastCoordinator}/{session.Group}/{session.Session}");

    public static EntityId Of(GuardianAddress guardian) => Of(EntityKind.Guardian, guardian);

    public static EntityId Of(JobAddress job) => Of(EntityKind.CovenantJob, job);

    /// <summary>The history of the decision on a job.</summary>
    public static EntityId DecisionOf(JobAddress job) => Of(EntityKind.JobDecision, job);

    /// <summary>The history of a guardian's checkpoints.</summary>
    public static EntityId CheckpointsOf(GuardianAddress guardian) => Of(EntityKind.Checkpoint, guardian);

    /// <summary>
    /// Throws <see cref="FormatException"/> for an id of another kind or shape, and for a number that is not written as <see cref="Of(SeatAddress)"/> writes
    /// it: with two spellings one seat would have two activations (N8).
    /// </summary>
    public static SeatAddress ToSeat(EntityId id) =>
        id.Parts is [EntityKind.SigningSession, { } group, { } session, { } number] && SeatId.TryParse(number, out SeatId seat)
            ? new SeatAddress(GroupId.Parse(group), SessionId.Parse(session), seat)
            : throw new FormatException($"{id} does not name a seat's session.");

    /// <summary>Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static CoordinatorAddress ToCoordinator(EntityId id) =>
        id.Parts is [EntityKind.RoastCoordinator, { } group, { } session]
            ? new CoordinatorAddress(GroupId.Parse(group), SessionId.Parse(session))
            : throw new FormatException($"{id} does not name a coordinated session.");

    /// <summary>Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static GuardianAddress ToGuardian(EntityId id) => To(EntityKind.Guardian, id);

    /// <summary>The guardian whose checkpoints these are. Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static GuardianAddress ToCheckpointed(EntityId id) => To(EntityKind.Checkpoint, id);

    /// <summary>Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static JobAddress ToJob(EntityId id) => ToJob(EntityKind.CovenantJob, id);

    /// <summary>The job that a decision is about. Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static JobAddress ToDecided(EntityId id) => ToJob(EntityKind.JobDecision, id);

    private static EntityId Of(string kind, JobAddress job) => EntityId.Parse($"{kind}/{job.Route.ToName()}/{job.Id}");

    private static JobAddress ToJob(string kind, EntityId id) =>
        id.Parts is [{ } own, { } route, { } request] && own == kind && CovenantKinds.TryParse(route, out CovenantKind covenant, out _)
            ? new JobAddress(covenant, RouteRequestId.Parse(request))
            : throw new FormatException($"{id} does not name what has the kind {kind}.");

    private static EntityId Of(string kind, GuardianAddress guardian) =>
        EntityId.Parse(guardian.Seat is { } seat ? $"{kind}/{guardian.Group}/{seat}" : $"{kind}/{guardian.Group}");

    private static GuardianAddress To(string kind, EntityId id) => id.Parts switch
    {
        [{ } own, { } group] when own == kind => new GuardianAddress(GroupId.Parse(group)),
        [{ } own, { } group, { } number] when own == kind && SeatId.TryParse(number, out SeatId seat) => new GuardianAddress(GroupId.Parse(group), seat),
        _ => throw new FormatException($"{id} does not name what has the kind {kind}."),
    };
}
