using System.Collections.Concurrent;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Runtime.Engine;

/// <summary>
/// The engine in one process. An entity is activated by the first request to it and has at most one activation at any time; it leaves memory
/// when it says that it is idle, or when no request came for <see cref="MailboxSettings.IdleAfter"/>. Refusals are immediate: a full queue is
/// <c>overloaded</c>, a kind without a factory is <c>unroutable</c>. A resting entity costs an object, no task and no timer.
/// </summary>
public sealed class Mailboxes : IEngine, IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, Func<EntityId, IEntity>> _kinds;
    private readonly ConcurrentDictionary<EntityId, Mailbox> _live = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _sweep;
    private readonly Action<IThreadPoolWorkItem> _schedule;

    // Asks being posted, plus readers at work, plus one for the engine itself until it stops.
    private int _busy = 1;
    private int _stopped;

    /// <param name="kinds">For each kind of entity what makes an activation of it. A factory that throws fails the request that wanted it.</param>
    /// <param name="schedule">Runs an entity's reader soon, and not before it returns; null for the thread pool.</param>
    public Mailboxes(
        MailboxSettings settings, TimeProvider time, IReadOnlyDictionary<string, Func<EntityId, IEntity>> kinds, Action<IThreadPoolWorkItem>? schedule = null)
    {
        settings.ThrowIfInvalid();
        Settings = settings;
        Time = time;
        _kinds = kinds;
        _schedule = schedule ?? (static reader => ThreadPool.UnsafeQueueUserWorkItem(reader, preferLocal: false));
        TimeSpan period = settings.IdleAfter / 2;
        _sweep = time.CreateTimer(_ => PassivateResting(settings.IdleAfter), null, period, period);
    }

    /// <summary>Entities in memory now.</summary>
    public int LiveCount => _live.Count;

    internal MailboxSettings Settings { get; }

    internal TimeProvider Time { get; }

    internal CancellationToken Stopping => _stopping.Token;

    internal bool IsStopping => Volatile.Read(ref _stopped) != 0;

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Letter letter = Post(to, request);
        return await letter.WaitForReplyAsync(cancellation);
    }

    /// <summary>
    /// Stops intake at once, lets the requests in progress and in queues finish, lets every entity leave memory, then returns.
    /// Requests that outlast <see cref="MailboxSettings.StopGrace"/> see their <c>stopping</c> token fire, and are still waited for.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _sweep.DisposeAsync();
            PassivateResting(TimeSpan.Zero);
            Exit();
        }

        await using (Time.CreateTimer(_ => _stopping.Cancel(), null, Settings.StopGrace, Timeout.InfiniteTimeSpan))
            await _drained.Task.WaitAsync(CancellationToken.None);
    }

    internal void Schedule(Mailbox reader) => _schedule(reader);

    internal void Enter() => Interlocked.Increment(ref _busy);

    internal void Exit()
    {
        if (Interlocked.Decrement(ref _busy) == 0)
            _drained.TrySetResult();
    }

    internal void Forget(Mailbox mailbox) => _live.TryRemove(KeyValuePair.Create(mailbox.Id, mailbox));

    private Letter Post(EntityId to, ReadOnlyMemory<byte> request)
    {
        // Entered before the look at IsStopping, so that DisposeAsync waits for every ask that it did not turn away.
        Enter();
        try
        {
            if (IsStopping)
                throw new EngineException("engine_stopped", "The engine is stopping and takes no more requests.", isTransient: true);
            if (!_kinds.TryGetValue(to.Kind, out Func<EntityId, IEntity>? activate))
                throw new EngineException("unroutable", $"Nobody hosts entities of kind '{to.Kind}'.", isTransient: false);
            var letter = new Letter(request);
            Deliver(to, activate, letter);
            return letter;
        }
        finally
        {
            Exit();
        }
    }

    private void Deliver(EntityId to, Func<EntityId, IEntity> activate, Letter letter)
    {
        while (true)
        {
            Mailbox mailbox = _live.GetOrAdd(to, static (id, args) => new Mailbox(args.Engine, id, args.Activate), (Engine: this, Activate: activate));
            switch (mailbox.Post(letter))
            {
                case PostOutcome.Posted:
                    return;
                case PostOutcome.Full:
                    throw new EngineException("overloaded", $"{to} already has {Settings.CapacityPerEntity} requests waiting.", isTransient: true);
                default:
                    // It retired between the look-up and the post and is off the map already: the next look-up finds or makes another.
                    continue;
            }
        }
    }

    private void PassivateResting(TimeSpan idleAfter)
    {
        // In an order that does not depend on this process's hash codes, so that a simulation can be repeated.
        foreach (Mailbox mailbox in _live.Values.OrderBy(static mailbox => mailbox.Id.ToString(), StringComparer.Ordinal))
            mailbox.PassivateIfResting(idleAfter);
    }
}
