using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Sharding;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>Entities that say on which node they are, by its port.</summary>
public static class Places
{
    /// <summary>The part of the region on one node of a cluster.</summary>
    public static IActorRef Start(ActorSystem system) =>
        EntityRegion.Start(system, "signing-session", static _ => Props(), static (_, _) => { });

    public static Props Props() => Akka.Actor.Props.Create<Place>();

    /// <summary>The port of the node on which an entity is. Throws <see cref="AskTimeoutException"/>.</summary>
    public static async Task<int> AskAsync(IActorRef region, GroupId group, int number, TimeSpan patience)
    {
        SeatAddress seat = new(group, SessionId.Parse($"s{number}"), new SeatId(0));
        ToSeat question = new(EntityAddress.Of(seat), seat, [new SeatRequest.Abort(AbortReason.Requested)], number);
        FromSeat answer = await region.Ask<FromSeat>(question, patience);
        string port = Assert.IsType<SeatAnswer.Failed>(Assert.Single(answer.Answers)).Code;
        return int.Parse(port, CultureInfo.InvariantCulture);
    }

    /// <summary>Asks again until it is answered: what is sent to a lost shard before it has a new home is lost too.</summary>
    public static async Task<int> AskUntilAnsweredAsync(IActorRef region, GroupId group, int number)
    {
        while (true)
        {
            try
            {
                return await AskAsync(region, group, number, TimeSpan.FromMilliseconds(500));
            }
            catch (AskTimeoutException)
            {
                // Once more.
            }
        }
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
