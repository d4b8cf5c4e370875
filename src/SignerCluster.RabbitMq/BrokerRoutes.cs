using SignerCluster.Runtime;

namespace SignerCluster.RabbitMq;

/// <summary>Which party hosts an entity, and whom this node asks.</summary>
/// <param name="PartyOf">The party on whose nodes an entity lives; null when nobody hosts it. Called for each ask, so it is quick and never throws.</param>
/// <param name="AskedParties">Whom this node asks and hears replies of; an entity of any other party is <c>unroutable</c> here.</param>
public sealed record BrokerRoutes(Func<EntityId, string?> PartyOf, IReadOnlyList<string> AskedParties);
