using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors;

/// <summary>What the shell needs of one kind of entity.</summary>
/// <param name="Journal">The id of the journal plugin.</param>
internal sealed record EntityParts<TState, TCommand, TEvent, TEffect, TReply>(
    EntityId Id,
    TState Initial,
    Decider<TState, TCommand, TEvent, TEffect, TReply> Decider,
    EventCodec<TEvent> Codec,
    ISecretKeeper<TCommand> Keeper,
    Quarantine Quarantine,
    string Journal)
    where TState : class
    where TEvent : class
{
    /// <summary>The key epoch that is active in a state, told to the store with every write; null for entities that have no say in it.</summary>
    internal Func<TState, int>? ActiveKeyEpoch { get; init; }

    /// <summary>The id of the snapshot plugin, for an entity that has checkpoints; null for one that has none.</summary>
    internal string? Checkpoints { get; init; }

    /// <summary>The events of a decision as the journal takes them.</summary>
    internal StoredEvent[] Encode(Turn<TState, TCommand, TEvent, TEffect, TReply> turn)
    {
        (bool leavesOpen, int keyEpoch) = (Decider.IsOpen(turn.State), ActiveKeyEpoch?.Invoke(turn.State) ?? 0);
        return [.. turn.Events.Select(@event =>
        {
            (string storedName, byte[] bytes) = Codec.Encode(@event);
            return new StoredEvent(storedName, bytes) { LeavesOpen = leavesOpen, ActivatesKeyEpoch = keyEpoch };
        })];
    }
}
