using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Links;

/// <summary>
/// The links between the parties of one process: a message for a seat goes to the region of the participant that holds it, and the answer straight back. A
/// participant that is stopped is unreachable until it is started again, as it would be over a network.
/// </summary>
public sealed class MemoryLinks : UntypedActor
{
    private const string Unroutable = "unroutable";
    private readonly Func<GroupId, SeatId, ParticipantRegions?> _regionsOf;

    private MemoryLinks(Func<GroupId, SeatId, ParticipantRegions?> regionsOf) => _regionsOf = regionsOf;

    /// <param name="regionsOf">The regions of the running participant that holds a seat; null when none does.</param>
    public static Props Props(Func<GroupId, SeatId, ParticipantRegions?> regionsOf) =>
        Akka.Actor.Props.CreateBy(new Produced<MemoryLinks>(() => new MemoryLinks(regionsOf)));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToSeat asked when _regionsOf(asked.Seat.Group, asked.Seat.Seat) is { Seats: var region }:
                region.Forward(asked);
                break;
            case ToSeat asked:
                Sender.Tell(new FromSeat(asked.Seat, [.. asked.Requests.Select(static _ => new SeatAnswer.Failed(Unroutable, IsTransient: true))], asked.Ask));
                break;
            case ToGuardian { Guardian: { Seat: { } seat, Group: var group } } asked when _regionsOf(group, seat) is { Guardians: var region }:
                region.Forward(asked);
                break;
            case ToGuardian told:
                Sender.Tell(new FromGuardian(new GuardianAnswer.Failed(Unroutable, IsTransient: true), told.Ask));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

/// <summary>Where a participant's entities are.</summary>
/// <param name="Seats">Its seats' sessions.</param>
/// <param name="Guardians">Its seats' guardians.</param>
public sealed record ParticipantRegions(IActorRef Seats, IActorRef Guardians);
