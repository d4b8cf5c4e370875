using System.Collections.Concurrent;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>
/// The secret nonces of one participant: in memory only, one for a seat's session, each taken at most once. There is no way to look at a
/// nonce without taking it. What is not used is wiped by expiry on a timer, by replacement, on demand, and at shutdown.
/// </summary>
public sealed class NonceVault : IDisposable
{
    private readonly ConcurrentDictionary<SeatAddress, Entry> _entries = new();
    private readonly TimeProvider _time;
    private readonly NonceVaultSettings _settings;
    private readonly ITimer _sweep;
    private volatile bool _disposed;

    public NonceVault(NonceVaultSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        TimeSpan period = settings.ExpireAfter / 4;
        _sweep = time.CreateTimer(_ => WipeExpired(), null, period, period);
    }

    /// <summary>Nonces held now.</summary>
    public int Count => _entries.Count;

    /// <summary>No further nonce may be drawn; those held are not evicted for it (A8).</summary>
    public bool IsFull => _entries.Count >= _settings.Capacity;

    /// <summary>What is held for a session, by its public half; null for nothing.</summary>
    public HeldNonce? Holding(SeatAddress seat) => _entries.TryGetValue(seat, out Entry? entry) ? entry.Held : null;

    /// <summary>Hands a nonce over to the vault. One held before for the session is wiped.</summary>
    public void Put(SeatAddress seat, SecretNonce nonce) => Put(seat, new Entry(new HeldNonce(nonce.Commitment, null), nonce, default, Deadline()));

    /// <summary>
    /// Remembers, in place of a nonce that was computed with, the one share it gave. The append of that share definitely failed, so the same package may
    /// be tried again; the nonce itself is gone and can never meet another package, whatever a journal may claim about a write (N1, N7).
    /// </summary>
    public void PutBound(SeatAddress seat, Commitment commitment, PackageHash package, Share share) =>
        Put(seat, new Entry(new HeldNonce(commitment, package), null, share, Deadline()));

    /// <summary>Takes what is held for this commitment out of the vault; null when it is not held. The caller owns it and must dispose it.</summary>
    public TakenNonce? Take(SeatAddress seat, Commitment commitment) =>
        _entries.TryGetValue(seat, out Entry? entry) && entry.Held.Commitment == commitment && _entries.TryRemove(KeyValuePair.Create(seat, entry))
            ? new TakenNonce(entry.Held, entry.Nonce, entry.Share)
            : null;

    /// <summary>Destroys what is held for a session.</summary>
    public void Wipe(SeatAddress seat)
    {
        if (_entries.TryRemove(seat, out Entry? entry))
        {
            entry.Nonce?.Dispose();
        }
    }

    /// <summary>Destroys everything and takes nothing more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _sweep.Dispose();
        WipeAll();
    }

    public override string ToString() => $"nonce vault of {_entries.Count} <redacted>";

    private void Put(SeatAddress seat, Entry entry)
    {
        // What was there is wiped only once it is certain that nobody else took it meanwhile.
        while (!_entries.TryAdd(seat, entry))
        {
            if (_entries.TryGetValue(seat, out Entry? old) && _entries.TryUpdate(seat, entry, old))
            {
                old.Nonce?.Dispose();
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
            if (_entries.TryRemove(held))
            {
                held.Value.Nonce?.Dispose();
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

    private DateTimeOffset Deadline() => _time.GetUtcNow() + _settings.ExpireAfter;

    // A class, so that removal compares identity: a nonce that was replaced meanwhile is never taken for the one that was seen.
    private sealed class Entry(HeldNonce held, SecretNonce? nonce, Share share, DateTimeOffset deadline)
    {
        internal HeldNonce Held { get; } = held;

        internal SecretNonce? Nonce { get; } = nonce;

        internal Share Share { get; } = share;

        internal DateTimeOffset Deadline { get; } = deadline;
    }
}

/// <summary>Limits of a vault.</summary>
public sealed record NonceVaultSettings
{
    /// <summary>How long an unused nonce lives; it is wiped within a quarter of this after that.</summary>
    public TimeSpan ExpireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many sessions may hold a nonce at once.</summary>
    public int Capacity { get; init; } = 100_000;
}
