using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>Folds an entity's journal rows into its state.</summary>
internal static class History
{
    /// <summary>
    /// The state and the number of its last event; the initial state and 0 for an entity that was never written. Throws
    /// <see cref="UnreadableEventException"/> when a row does not decode or one is missing: a part of a history is never used as if it were the whole.
    /// </summary>
    internal static async ValueTask<(TState State, long Version)> LoadAsync<TState, TEvent>(
        IJournal journal, EntityId id, TState initial, Func<TState, TEvent, TState> evolve, EventCodec<TEvent> codec, CancellationToken cancellation)
        where TEvent : class
    {
        TState state = initial;
        long version = 0;
        foreach (JournalRow row in await journal.ReadAsync(id, 0, cancellation))
        {
            if (row.SequenceNumber != ++version)
            {
                throw new UnreadableEventException($"The history of {id} lacks event {version}.");
            }

            state = evolve(state, codec.Decode(row.Manifest, row.Message.Span));
        }

        return (state, version);
    }
}
