using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>
/// A node's sealed journal as its plugin has it. Actors and the plugin run out of any context, where an await goes on inside of what completes it; keys and
/// sealing run in the context of the node's life, where it comes back as a step. So what passes between them takes a step each way.
/// </summary>
internal sealed class ContextBridge(IJournal journal, Incarnation life, Dictionary<EntityId, Activation> activations) : IJournal
{
    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) => CrossAsync(() => journal.AppendAsync(append));

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        if (activations.TryGetValue(id, out Activation? activation))
        {
            activation.Loaded = life.Time.GetUtcNow();
        }

        return CrossAsync(() => journal.ReadAsync(id, afterSequenceNumber, CancellationToken.None));
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) =>
        CrossAsync(() => journal.ReadVersionAsync(id, CancellationToken.None));

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => journal.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => journal.ListAsync(kind, cancellation);

    private ValueTask<T> CrossAsync<T>(Func<ValueTask<T>> work)
    {
        TaskCompletionSource<T> completion = new();
        life.Post(_ => _ = CarryAsync(work, completion), null);
        return new ValueTask<T>(completion.Task);
    }

    private async Task CarryAsync<T>(Func<ValueTask<T>> work, TaskCompletionSource<T> completion)
    {
        Task<T> done = work().AsTask();
        await done.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        life.PostOutOfContext(TimeSpan.Zero, () => completion.SetFromTask(done));
    }
}
