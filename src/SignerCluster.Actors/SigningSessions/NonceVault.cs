using System.Collections.Concurrent;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>
/// The secret nonces of one participant: in memory only, for a seat's session one for each message, taken at most once. There is no way to look at a
/// nonce without taking it. What is not used is wiped by expiry on a timer, by replacement, on demand, and at shutdown.
/// </summary>
public sealed class NonceVault : IDisposable
{
    private readonly ConcurrentDictionary<SeatAddress, Entry> _entries = new();
    private readonly TimeProvider _time;
    private readonly NonceVaultSettings _settings;
    private readonly ITimer _sweep;
    private volatile bool _disposed;
    private int _count;

    public NonceVault(NonceVaultSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        TimeSpan period = settings.ExpireAfter / 4;
        _sweep = time.CreateTimer(_ => WipeExpired(), null, period, period);
    }

    /// <summary>Nonces held now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>No further nonce may be drawn; those held are not evicted for it (A8).</summary>
    public bool IsFull => Count >= _settings.Capacity;

    /// <summary>What is held for a session, by its public half; null for nothing.</summary>
    public HeldNonce? Holding(SeatAddress seat) => _entries.TryGetValue(seat, out Entry? entry) ? entry.Held : null;

    /// <summary>Hands nonces over to the vault. What was held before for the session is wiped.</summary>
    public void Put(SeatAddress seat, SecretNonces nonces) => Put(seat, new Entry(new HeldNonce(nonces.Commitment, null), nonces, null, Deadline()));

    /// <summary>
    /// Remembers, in place of nonces that were computed with, the one share they gave. The append of that share definitely failed, so the same package may
    /// be tried again; the nonce itself is gone and can never meet another package, whatever a journal may claim about a write (N1, N7).
    /// </summary>
    public void PutBound(SeatAddress seat, Batch<Commitment> commitment, PackageHash package, Batch<Share> share) =>
        Put(seat, new Entry(new HeldNonce(commitment, package), null, share, Deadline()));

    /// <summary>Takes what is held for this commitment out of the vault; null when it is not held. The caller owns it and must dispose it.</summary>
    public TakenNonce? Take(SeatAddress seat, Batch<Commitment> commitment) =>
        _entries.TryGetValue(seat, out Entry? entry) && entry.Held.Commitment == commitment && TryRemove(seat, entry)
            ? new TakenNonce(entry.Held, entry.Nonces, entry.Share)
            : null;

    /// <summary>Destroys what is held for a session.</summary>
    public void Wipe(SeatAddress seat)
    {
        if (_entries.TryGetValue(seat, out Entry? entry) && TryRemove(seat, entry))
        {
            entry.Nonces?.Dispose();
        }
    }

    /// <summary>Destroys everything and takes nothing more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _sweep.Dispose();
        WipeAll();
    }

    public override string ToString() => $"nonce vault of {Count} <redacted>";

    private void Put(SeatAddress seat, Entry entry)
    {
        // What was there is wiped only once it is certain that nobody else took it meanwhile.
        Interlocked.Add(ref _count, entry.Held.Commitment.Count);
        while (!_entries.TryAdd(seat, entry))
        {
            if (_entries.TryGetValue(seat, out Entry? old) && _entries.TryUpdate(seat, entry, old))
            {
                Interlocked.Add(ref _count, -old.Held.Commitment.Count);
                old.Nonces?.Dispose();
                break;
            }
        }

        if (_disposed)
        {
            WipeAll();
        }
    }

    private void WipeExpired()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (KeyValuePair<SeatAddress, Entry> held in _entries.Where(held => held.Value.Deadline <= now))
        {
            if (TryRemove(held.Key, held.Value))
            {
                held.Value.Nonces?.Dispose();
            }
        }
    }

    private void WipeAll()
    {
        foreach (SeatAddress seat in _entries.Keys)
        {
            Wipe(seat);
        }
    }

    private bool TryRemove(SeatAddress seat, Entry entry)
    {
        bool removed = _entries.TryRemove(KeyValuePair.Create(seat, entry));
        Interlocked.Add(ref _count, removed ? -entry.Held.Commitment.Count : 0);
        return removed;
    }

    private DateTimeOffset Deadline() => _time.GetUtcNow() + _settings.ExpireAfter;

    // A class, so that removal compares identity: a nonce that was replaced meanwhile is never taken for the one that was seen.
    private sealed class Entry(HeldNonce held, SecretNonces? nonces, Batch<Share>? share, DateTimeOffset deadline)
    {
        internal HeldNonce Held { get; } = held;

        internal SecretNonces? Nonces { get; } = nonces;

        internal Batch<Share>? Share { get; } = share;

        internal DateTimeOffset Deadline { get; } = deadline;
    }
}

/// <summary>Limits of a vault.</summary>
public sealed record NonceVaultSettings
{
    /// <summary>How long an unused nonce lives; it is wiped within a quarter of this after that.</summary>
    public TimeSpan ExpireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many nonces may be held at once; a session holds one for each of its messages, so that the last one in may bring more than that.</summary>
    public int Capacity { get; init; } = 100_000;
}
