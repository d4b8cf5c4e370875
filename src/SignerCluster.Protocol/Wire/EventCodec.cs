using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Protocol.Wire;

/// <summary>
/// Turns the events of one kind of entity into stored bytes and back. The stored names are written out by hand: renaming a type changes
/// nothing that is stored. Names are never reused and never removed.
/// </summary>
public sealed class EventCodec<TEvent>
    where TEvent : class
{
    private readonly FrozenDictionary<Type, (string StoredName, JsonTypeInfo Json)> _byType;
    private readonly FrozenDictionary<string, JsonTypeInfo> _byName;

    internal EventCodec(params ReadOnlySpan<(string StoredName, JsonTypeInfo Json)> events)
    {
        (string StoredName, JsonTypeInfo Json)[] table = events.ToArray();
        _byType = table.ToFrozenDictionary(static row => row.Json.Type);
        _byName = table.ToFrozenDictionary(static row => row.StoredName, static row => row.Json, StringComparer.Ordinal);
    }

    /// <summary>Every stored name with the type it stands for, sorted.</summary>
    public IEnumerable<(string StoredName, Type Event)> Contract =>
        _byName.Select(static row => (row.Key, row.Value.Type)).OrderBy(static row => row.Key, StringComparer.Ordinal);

    /// <summary>The stored name and the bytes, UTF-8 JSON.</summary>
    public (string StoredName, byte[] Bytes) Encode(TEvent @event)
    {
        (string storedName, JsonTypeInfo json) = _byType[@event.GetType()];
        return (storedName, JsonSerializer.SerializeToUtf8Bytes(@event, json));
    }

    /// <summary>Throws <see cref="UnreadableEventException"/> for an unknown name or bytes that do not decode.</summary>
    public TEvent Decode(string storedName, ReadOnlySpan<byte> bytes)
    {
        if (!_byName.TryGetValue(storedName, out JsonTypeInfo? json))
        {
            throw new UnreadableEventException($"No event is stored under the name '{storedName}'. Was it written by a newer version?");
        }

        return StrictJson.TryRead(bytes, json, out object? @event, out JsonException? malformed)
            ? (TEvent)@event
            : throw new UnreadableEventException($"An event stored as '{storedName}' does not decode.", malformed);
    }

    /// <summary>
    /// The state after one stored event. Throws <see cref="UnreadableHistoryException"/> when the event does not decode or cannot follow the ones before it.
    /// </summary>
    public TState Replay<TState>(
        EntityId id, long sequenceNumber, string storedName, ReadOnlySpan<byte> bytes, TState state, Func<TState, TEvent, TState> evolve)
    {
        try
        {
            return evolve(state, Decode(storedName, bytes));
        }
        catch (UnreadableEventException unreadable)
        {
            throw new UnreadableHistoryException(id, sequenceNumber, QuarantineReason.EventUnreadable, unreadable.Message, unreadable);
        }
        catch (Exception impossible)
        {
            // Evolving trusts history. Whatever it throws, this history was never written by us.
            throw new UnreadableHistoryException(id, sequenceNumber, QuarantineReason.HistoryImpossible, "it cannot follow the rows before it.", impossible);
        }
    }
}
