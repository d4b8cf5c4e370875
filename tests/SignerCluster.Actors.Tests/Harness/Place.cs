using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Sharding;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>Says on which node it is: by its port.</summary>
internal sealed class Place : UntypedActor
{
    internal static Props Props() => Akka.Actor.Props.CreateBy(new Produced<Place>(static () => new Place()));

    /// <summary>Places as entities.</summary>
    internal static IActorRef Region(ClusterNode node, string name) => EntityRegion.Start(node.System, name, static _ => Props(), static (_, _) => { });

    /// <summary>The port of the node that a place is on; the number chooses the entity.</summary>
    internal static async Task<int> OfAsync(IActorRef place, TestGroup group, int number, TimeSpan limit)
    {
        SeatAddress seat = new(group.Id, SessionId.Parse($"s{number}"), new SeatId(0));
        ToSeat question = new(EntityAddress.Of(seat), seat, [new SeatRequest.Abort(AbortReason.Requested)], number);
        FromSeat answer = await place.Ask<FromSeat>(question, limit);
        return int.Parse(Assert.IsType<SeatAnswer.Failed>(Assert.Single(answer.Answers)).Code, System.Globalization.CultureInfo.InvariantCulture);
    }

    protected override void OnReceive(object message)
    {
        if (message is ToSeat asked)
        {
            Sender.Tell(new FromSeat(asked.Seat, [new SeatAnswer.Failed($"{Cluster.Get(Context.System).SelfAddress.Port}", IsTransient: true)], asked.Ask));
        }
    }
}
