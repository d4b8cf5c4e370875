using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>How the protocol's addresses are written as entity ids. The text is stored, so it is for ever.</summary>
public static class EntityAddress
{
    public static EntityId Of(SeatAddress seat) => EntityId.Parse($"{SeatEntity.Kind}/{seat.Group}/{seat.Session}/{seat.Seat}");

    public static EntityId Of(CoordinatorAddress session) => EntityId.Parse($"{CoordinatorEntity.Kind}/{session.Group}/{session.Session}");

    /// <summary>
    /// Throws <see cref="FormatException"/> for an id of another kind or shape, and for a number that is not written as <see cref="Of(SeatAddress)"/> writes it:
    /// with two spellings one seat would have two activations (N8).
    /// </summary>
    public static SeatAddress ToSeat(EntityId id) =>
        id.Parts is [SeatEntity.Kind, { } group, { } session, { } number] && SeatId.TryParse(number, out SeatId seat)
            ? new SeatAddress(GroupId.Parse(group), SessionId.Parse(session), seat)
            : throw new FormatException($"{id} does not name a seat's session.");

    /// <summary>Throws <see cref="FormatException"/> for an id of another kind or shape.</summary>
    public static CoordinatorAddress ToCoordinator(EntityId id) =>
        id.Parts is [CoordinatorEntity.Kind, { } group, { } session]
            ? new CoordinatorAddress(GroupId.Parse(group), SessionId.Parse(session))
            : throw new FormatException($"{id} does not name a coordinated session.");
}
