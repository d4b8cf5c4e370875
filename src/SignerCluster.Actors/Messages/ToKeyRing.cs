using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Actors.Messages;

/// <summary>Asks the key ring of a journal; it answers with a <see cref="KeyRingAnswer"/>.</summary>
public sealed record ToKeyRing(KeyRingCommand Command) : IEntityMessage
{
    public EntityId To => EntityAddress.KeyRing;
}
