using Akka.Actor;
using Akka.Cluster.Sharding;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Sharding;

/// <summary>Starts the region of one kind of entity.</summary>
public static class EntityRegion
{
    /// <summary>Fixed for ever: a cluster whose nodes disagree on it would run entities twice.</summary>
    public const int Shards = 30;

    /// <summary>Hosts the entities here, as far as the region's coordinator gives shards to this node.</summary>
    /// <param name="name">The region's name, the same on all nodes.</param>
    /// <param name="activate">Makes the activation of the entity that an id names.</param>
    /// <param name="expect">Told before an entity gets a message: whether that message most often begins its history.</param>
    public static IActorRef Start(ActorSystem system, string name, Func<EntityId, Props> activate, Action<EntityId, bool> expect)
    {
        ClusterShardingSettings settings = ClusterShardingSettings.Create(system);
        return ClusterSharding.Get(system).Start(
            name,
            id => activate(EntityId.Parse(id)),
            settings,
            new Extractor(expect),
            ClusterSharding.Get(system).DefaultShardAllocationStrategy(settings),
            Stop.Instance);
    }

    private sealed class Extractor(Action<EntityId, bool> expect) : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message)
        {
            if (message is not IEntityMessage { To: var to })
            {
                return null;
            }

            expect(to, message is ToSession { Command: CoordinatorCommand.Sign } or ToSeat { Requests: [SeatRequest.Open, ..] });
            return to.ToString();
        }
    }
}
