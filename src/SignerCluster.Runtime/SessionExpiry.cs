using System.Collections.Concurrent;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Runtime;

/// <summary>
/// Frees what sessions hold that nobody finishes: an entity that stays open longer than its time is asked to end. Measured from when this
/// process first saw it open; a timeout only frees resources, it never decides how a session goes.
/// </summary>
public sealed class SessionExpiry : IDisposable
{
    private readonly ConcurrentDictionary<EntityId, DateTimeOffset> _open = new();
    private readonly TimeSpan _expireAfter;
    private readonly TimeProvider _time;
    private readonly Func<EntityId, Task> _expire;
    private readonly ITimer _sweep;

    /// <param name="expireAfter">Positive; entities end between once and one and a quarter times this.</param>
    /// <param name="expire">Asks the entity to end; it may fail, then the next sweep tries again.</param>
    public SessionExpiry(TimeSpan expireAfter, TimeProvider time, Func<EntityId, Task> expire)
    {
        _expireAfter = expireAfter;
        _time = time;
        _expire = expire;
        TimeSpan period = expireAfter / 4;
        _sweep = time.CreateTimer(_ => Sweep(), null, period, period);
    }

    /// <summary>Entities seen open.</summary>
    public int Count => _open.Count;

    /// <summary>Told after every request to an entity, and for every open one at start.</summary>
    public void Note(EntityId entity, bool isOpen)
    {
        if (isOpen)
        {
            _open.TryAdd(entity, _time.GetUtcNow());
        }
        else
        {
            _open.TryRemove(entity, out _);
        }
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        DateTimeOffset now = _time.GetUtcNow();
        // In an order that does not depend on this process's hash codes, so that a simulation can be repeated.
        foreach ((EntityId entity, _) in _open.Where(open => now - open.Value >= _expireAfter)
            .OrderBy(static open => open.Key.ToString(), StringComparer.Ordinal))
        {
            _ = _expire(entity);
        }
    }
}
