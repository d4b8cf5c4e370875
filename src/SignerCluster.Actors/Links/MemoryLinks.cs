using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Links;

/// <summary>
/// The links between the parties of one process: a message for a seat goes to the region of the participant that holds it, and the answer straight back. A
/// participant that is stopped is unreachable until it is started again, as it would be over a network.
/// </summary>
public sealed class MemoryLinks : UntypedActor
{
    private readonly Func<GroupId, SeatId, IActorRef?> _regionOf;

    private MemoryLinks(Func<GroupId, SeatId, IActorRef?> regionOf) => _regionOf = regionOf;

    /// <param name="regionOf">The region of the running participant that holds a seat; null when none does.</param>
    public static Props Props(Func<GroupId, SeatId, IActorRef?> regionOf) =>
        Akka.Actor.Props.CreateBy(new Produced<MemoryLinks>(() => new MemoryLinks(regionOf)));

    protected override void OnReceive(object message)
    {
        if (message is not ToSeat asked)
        {
            Unhandled(message);
        }
        else if (_regionOf(asked.Seat.Group, asked.Seat.Seat) is { } region)
        {
            region.Forward(asked);
        }
        else
        {
            Sender.Tell(new FromSeat(asked.Seat, [.. asked.Requests.Select(static _ => new SeatAnswer.Failed("unroutable", IsTransient: true))], asked.Ask));
        }
    }
}
