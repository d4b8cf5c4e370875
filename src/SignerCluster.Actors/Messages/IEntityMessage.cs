using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Messages;

/// <summary>A message that may leave the process; the serializer knows them all.</summary>
public interface IWireMessage;

/// <summary>A message for one entity; its region finds the entity by the id.</summary>
public interface IEntityMessage : IWireMessage
{
    EntityId To { get; }
}

/// <summary>A message that says in which span it was sent.</summary>
public interface ITracedMessage : IEntityMessage
{
    /// <summary>A W3C <c>traceparent</c>; null while nobody records. Whatever else it is, is ignored.</summary>
    string? Trace { get; }
}

/// <summary>Makes the entity go on with what it owes, where nobody works on it; one that is in memory already does nothing.</summary>
public sealed record Wake(EntityId To) : IEntityMessage;

/// <summary>Ends an activation when it rests or its shard moves. Of ours and not Akka's, which would overtake an event that is being written.</summary>
public sealed record Stop : IWireMessage
{
    public static Stop Instance { get; } = new();
}
