using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Sharding;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>Entities that say on which node they are, by its port.</summary>
internal static class Places
{
    internal static IActorRef Start(ClusterNode node) =>
        EntityRegion.Start(node.System, "place", _ => Props.CreateBy(new Produced<Place>(static () => new Place())), static (_, _) => { });

    internal static async Task<int> AskAsync(IActorRef region, GroupId group, int number, TimeSpan patience)
    {
        SeatAddress seat = new(group, SessionId.Parse($"s{number}"), new SeatId(0));
        ToSeat question = new(EntityAddress.Of(seat), seat, [new SeatRequest.Abort(AbortReason.Requested)], number);
        FromSeat answer = await region.Ask<FromSeat>(question, patience);
        string port = Assert.IsType<SeatAnswer.Failed>(Assert.Single(answer.Answers)).Code;
        return int.Parse(port, System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class Place : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is ToSeat asked)
            {
                Sender.Tell(new FromSeat(asked.Seat, [new SeatAnswer.Failed($"{Cluster.Get(Context.System).SelfAddress.Port}", IsTransient: true)], asked.Ask));
            }
        }
    }
}
