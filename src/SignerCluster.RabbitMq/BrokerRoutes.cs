using SignerCluster.Protocol.Entities;

namespace SignerCluster.RabbitMq;

/// <summary>Which party hosts an entity, and whom this node asks.</summary>
/// <param name="PartyOf">The party on whose nodes an entity lives; null when nobody hosts it. Called for each ask, so it is quick and never throws.</param>
/// <param name="AskedParties">Whom this node asks and hears replies of; an entity of any other party is <c>unroutable</c> here.</param>
public sealed record BrokerRoutes(Func<EntityId, string?> PartyOf, IReadOnlyList<string> AskedParties)
{
    /// <summary>
    /// The group of entities that an entity belongs to, 1..255 characters of ASCII: what is asked of a group at the same moment travels together, to one node
    /// of the party. Askers that give an entity different groups may find it on different nodes. Each entity by itself, unless said otherwise. Called for each
    /// ask, so it is quick and never throws.
    /// </summary>
    public Func<EntityId, string> GroupOf { get; init; } = static entity => entity.ToString();
}
