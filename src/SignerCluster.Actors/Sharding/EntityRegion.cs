using Akka.Actor;
using Akka.Cluster.Sharding;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Sharding;

/// <summary>Starts the region of one kind of entity.</summary>
public static class EntityRegion
{
    /// <summary>Fixed for ever: a cluster whose nodes disagree on it would run entities twice.</summary>
    public const int Shards = 30;

    /// <summary>Hosts the entities here, as far as the region's coordinator gives shards to this node.</summary>
    /// <param name="name">The region's name, the same on all nodes.</param>
    /// <param name="activate">Makes the activation of the entity that an id names.</param>
    public static IActorRef Start(ActorSystem system, string name, Func<EntityId, Props> activate) => ClusterSharding.Get(system).Start(
        name,
        id => activate(EntityId.Parse(id)),
        ClusterShardingSettings.Create(system),
        new Extractor(),
        ClusterSharding.Get(system).DefaultShardAllocationStrategy(ClusterShardingSettings.Create(system)),
        Stop.Instance);

    private sealed class Extractor() : HashCodeMessageExtractor(Shards)
    {
        public override string? EntityId(object message) => (message as IEntityMessage)?.To.ToString();
    }
}
