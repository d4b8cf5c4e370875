using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>The asks of one node that wait for replies, by correlation id, at most as many as the limit says.</summary>
internal sealed class PendingAsks(int limit, TimeProvider time)
{
    private readonly ConcurrentDictionary<ulong, PendingAsk> _waiting = new();

    // Begins anywhere, so that a reply to a former process of this node's name meets no ask of this one.
    private ulong _last = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Throws <c>overloaded</c> when as many as the limit wait already.</summary>
    public PendingAsk Add(EntityId to, string party)
    {
        if (Interlocked.Increment(ref _count) > limit)
        {
            Interlocked.Decrement(ref _count);
            throw new EngineException("overloaded", $"{to} was not asked: {limit} asks of this node wait already.", isTransient: true);
        }

        var ask = new PendingAsk(this, Interlocked.Increment(ref _last), party, time.GetTimestamp());
        _waiting[ask.Id] = ask;
        return ask;
    }

    public void Remove(PendingAsk ask)
    {
        if (_waiting.TryRemove(KeyValuePair.Create(ask.Id, ask)))
            Interlocked.Decrement(ref _count);
    }

    /// <summary>Takes the ask that waits for a reply of this correlation id through this exchange; false when nobody waits for it.</summary>
    public bool TryTake(ulong correlation, string exchange, [NotNullWhen(true)] out PendingAsk? ask)
    {
        bool isWaited = TryFind(correlation, out ask) && BrokerNames.IsRepliesOf(exchange, ask.Party);
        if (isWaited)
            Remove(ask!);
        return isWaited;
    }

    /// <summary>Finds the ask whose request has this correlation id.</summary>
    public bool TryFind(ulong correlation, [NotNullWhen(true)] out PendingAsk? ask) => _waiting.TryGetValue(correlation, out ask);

    public void FailAll(Func<EngineException> fault) => FailThose(static _ => true, fault);

    public void FailThoseOver(TimeSpan age, Func<EngineException> fault) => FailThose(ask => time.GetElapsedTime(ask.Since) >= age, fault);

    private void FailThose(Func<PendingAsk, bool> chosen, Func<EngineException> fault)
    {
        foreach ((_, PendingAsk ask) in _waiting)
        {
            if (chosen(ask))
                ask.Fail(fault());
        }
    }
}
