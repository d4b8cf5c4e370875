using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal;

/// <summary>Folds an entity's journal rows into its state.</summary>
public static class History
{
    /// <summary>
    /// The state and the number of its last event; the initial state and 0 for an entity that was never written. Throws
    /// <see cref="UnreadableHistoryException"/> when a row does not decode, cannot follow the one before it, or is missing: a part of a history is never used
    /// as if it were the whole.
    /// </summary>
    public static async ValueTask<(TState State, long Version)> LoadAsync<TState, TEvent>(
        IJournal journal, EntityId id, TState initial, Func<TState, TEvent, TState> evolve, EventCodec<TEvent> codec, CancellationToken cancellation)
        where TEvent : class
    {
        TState state = initial;
        long version = 0;
        foreach (JournalRow row in await journal.ReadAsync(id, 0, cancellation))
        {
            if (row.SequenceNumber != ++version)
            {
                throw new UnreadableHistoryException(id, version, QuarantineReason.RowMissing, "it is missing.");
            }

            state = codec.Replay(id, row.SequenceNumber, row.Manifest, row.Message.Span, state, evolve);
        }

        return (state, version);
    }
}
