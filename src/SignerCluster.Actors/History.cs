using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors;

/// <summary>What an activation knows of its entity: a durable state and the number of the row it rests on, or why there is none to be used (S2).</summary>
internal sealed class History<TState, TEvent>(EntityId id, TState initial, EventCodec<TEvent> codec, Func<TState, TEvent, TState> evolve)
    where TState : class
    where TEvent : class
{
    internal TState State { get; private set; } = initial;

    internal long Version { get; private set; }

    /// <summary>Why the history cannot be used; null while nothing speaks against it.</summary>
    internal Exception? Fault { get; private set; }

    /// <summary>Begins at a checkpoint instead of at the first row.</summary>
    internal void Restore(long version, TState state) => (Version, State) = (version, state);

    /// <summary>Takes the next row. Rows after one that is wrong are not looked at.</summary>
    internal void Replay(long number, StoredEvent row)
    {
        if (Fault is not null)
            return;

        try
        {
            State = number == Version + 1
                ? codec.Replay(id, number, row.Manifest, row.Message.Span, State, evolve)
                : throw UnreadableHistoryException.Missing(id, Version + 1);
            Version = number;
        }
        catch (UnreadableHistoryException unreadable)
        {
            Fault = unreadable;
        }
    }

    /// <summary>The rows could not be had. What was wrong before stays the reason.</summary>
    internal void Break(Exception cause) => Fault ??= cause;

    /// <summary>There are no more rows, and the last one has this number: can the history be used?</summary>
    internal bool Complete(long head)
    {
        Fault ??= head == Version ? null : UnreadableHistoryException.Missing(id, Version + 1);
        return Fault is null;
    }

    /// <summary>Further rows are durable.</summary>
    internal void Advance(long version, TState state) => (Version, State) = (version, state);
}
