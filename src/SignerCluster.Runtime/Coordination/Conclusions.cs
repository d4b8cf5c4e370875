using System.Collections.Concurrent;
using System.Collections.Immutable;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Runtime.Coordination;

/// <summary>Wakes those who wait in this process for the end of a session. Keeps nothing: who comes late asks the session itself.</summary>
public sealed class Conclusions
{
    private readonly ConcurrentDictionary<CoordinatorAddress, ImmutableHashSet<Waiter>> _waiting = new();

    /// <summary>Waits from now on for a session's end. Take it before asking for the state, or the end may fall in between.</summary>
    public Waiter Await(CoordinatorAddress session)
    {
        Waiter waiter = new(this, session);
        _waiting.AddOrUpdate(session, static (_, added) => [added], static (_, waiters, added) => waiters.Add(added), waiter);
        return waiter;
    }

    /// <summary>The sessions that somebody in this process waits for.</summary>
    internal ICollection<CoordinatorAddress> Awaited => _waiting.Keys;

    internal bool IsAwaited(CoordinatorAddress session) => _waiting.ContainsKey(session);

    internal void Announce(CoordinatorState.Accepted end)
    {
        if (_waiting.TryRemove(end.Address, out ImmutableHashSet<Waiter>? waiters))
        {
            foreach (Waiter waiter in waiters)
            {
                waiter.Wake(end);
            }
        }
    }

    private void Forget(CoordinatorAddress session, Waiter waiter)
    {
        while (_waiting.TryGetValue(session, out ImmutableHashSet<Waiter>? waiters) && waiters.Contains(waiter))
        {
            ImmutableHashSet<Waiter> rest = waiters.Remove(waiter);
            bool changed = rest.IsEmpty
                ? _waiting.TryRemove(KeyValuePair.Create(session, waiters))
                : _waiting.TryUpdate(session, rest, waiters);
            if (changed)
            {
                return;
            }
        }
    }

    /// <summary>One who waits; disposing ends the waiting.</summary>
    public sealed class Waiter : IDisposable
    {
        private readonly TaskCompletionSource<CoordinatorState.Accepted> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Conclusions _owner;
        private readonly CoordinatorAddress _session;

        internal Waiter(Conclusions owner, CoordinatorAddress session)
        {
            _owner = owner;
            _session = session;
        }

        /// <summary>How the session ended. Throws <see cref="TimeoutException"/> when it did not within the time given.</summary>
        public Task<CoordinatorState.Accepted> WithinAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellation) =>
            _end.Task.WaitAsync(wait, time, cancellation);

        public void Dispose() => _owner.Forget(_session, this);

        internal void Wake(CoordinatorState.Accepted end) => _end.TrySetResult(end);
    }
}
