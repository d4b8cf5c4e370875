using System.Collections.Concurrent;

namespace SignerCluster.Trust;

/// <summary>
/// What one process remembers so that it acts on no request twice: the id of every request that it took, until that request has expired. Nothing is evicted
/// before that; a window that is full takes no more (A8). What the window cannot remember it does not take either: a request that was signed before the
/// process began may have been taken by the one before it, and where the clock was set back, one that expires no later than any that was forgotten may be it.
/// So no request is taken twice by one process, whatever the clock does.
/// </summary>
public sealed class ReplayWindow
{
    private const long SweepEveryMilliseconds = 1000;
    private readonly ConcurrentDictionary<MessageId, long> _expiries = new();
    private readonly MessageSettings _settings;
    private readonly TimeProvider _time;
    private int _count;
    private long _nextSweep;

    // No request that expires then or earlier is taken: it may be among the forgotten.
    private long _forgotten;

    public ReplayWindow(MessageSettings settings, TimeProvider time)
    {
        settings.ThrowIfInvalid();
        _settings = settings;
        _time = time;
        _forgotten = Now + settings.LifetimeMilliseconds - 1;
    }

    /// <summary>Ids that are remembered now.</summary>
    public int Count => Volatile.Read(ref _count);

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Remembers the id of a request whose signature was verified. Only <see cref="Admission.Taken"/> may be acted on; of several equal ids exactly one is.
    /// </summary>
    /// <param name="expiry">When the request expires, in Unix milliseconds.</param>
    internal Admission Admit(MessageId id, long expiry)
    {
        long now = Now;
        SweepWhenDue(now);
        if (expiry <= now || expiry > now + _settings.LifetimeMilliseconds + _settings.ClockSkewMilliseconds)
        {
            return Admission.OutOfTime;
        }

        if (_expiries.ContainsKey(id))
        {
            return Admission.Seen;
        }

        if (expiry <= Volatile.Read(ref _forgotten))
        {
            return Admission.SignedTooEarly;
        }

        if (Interlocked.Increment(ref _count) > _settings.ReplayCapacity)
        {
            Interlocked.Decrement(ref _count);
            return Admission.Full;
        }

        if (!_expiries.TryAdd(id, expiry))
        {
            Interlocked.Decrement(ref _count);
            return Admission.Seen;
        }

        // Asked again, since the same id may have expired and been forgotten after it was looked for.
        return expiry <= Volatile.Read(ref _forgotten) ? Admission.OutOfTime : Admission.Taken;
    }

    private void SweepWhenDue(long now)
    {
        long due = Volatile.Read(ref _nextSweep);
        bool isDue = now >= due || due - now > SweepEveryMilliseconds;
        if (!isDue || Interlocked.CompareExchange(ref _nextSweep, now + SweepEveryMilliseconds, due) != due)
        {
            return;
        }

        foreach (KeyValuePair<MessageId, long> remembered in _expiries)
        {
            if (remembered.Value <= now)
            {
                Forget(remembered);
            }
        }
    }

    private void Forget(KeyValuePair<MessageId, long> expired)
    {
        long forgotten = Volatile.Read(ref _forgotten);
        while (expired.Value > forgotten)
        {
            long found = Interlocked.CompareExchange(ref _forgotten, expired.Value, forgotten);
            forgotten = found == forgotten ? expired.Value : found;
        }

        if (_expiries.TryRemove(expired))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}

/// <summary>What a replay window says of a request.</summary>
internal enum Admission
{
    Taken,
    Seen,
    Full,
    OutOfTime,
    SignedTooEarly,
}
