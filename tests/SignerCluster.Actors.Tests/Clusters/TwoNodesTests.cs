using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Clusters;

/// <summary>What the refusing and guarding serializers let through is enough for two nodes to be one cluster and to share their entities.</summary>
public sealed class TwoNodesTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TestGroup _group = new(2, 3);

    public void Dispose() => _group.Dispose();

    [Fact]
    public async Task L1_Two_nodes_with_our_serializers_join_and_ask_each_others_entities()
    {
        await using ClusterNode first = await ClusterNode.StartAsync(ClusterNode.Tcp);
        await using ClusterNode second = await ClusterNode.StartAsync(ClusterNode.Tcp);
        await first.Cluster.JoinAsync(first.Cluster.SelfAddress).WaitAsync(_patience);
        await second.Cluster.JoinAsync(first.Cluster.SelfAddress).WaitAsync(_patience);
        IActorRef region = Start(first);
        Start(second);

        FromSeat[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => region.Ask<FromSeat>(Message(number), _patience)));
        IEnumerable<string> places = answers.Select(static answer => Assert.IsType<SeatAnswer.Failed>(Assert.Single(answer.Answers)).Code).Distinct();
        Assert.Equal(
            ((ClusterNode[])[first, second]).Select(static node => $"{node.Cluster.SelfAddress.Port}").Order(StringComparer.Ordinal),
            places.Order(StringComparer.Ordinal));
    }

    private static IActorRef Start(ClusterNode node) =>
        EntityRegion.Start(node.System, "place", _ => Props.CreateBy(new Produced<Place>(static () => new Place())), static (_, _) => { });

    private ToSeat Message(int number)
    {
        SeatAddress seat = new(_group.Id, SessionId.Parse($"s{number}"), new SeatId(0));
        return new ToSeat(EntityAddress.Of(seat), seat, [new SeatRequest.Abort(AbortReason.Requested)], number);
    }

    /// <summary>Says on which node it is.</summary>
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
