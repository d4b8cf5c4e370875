using System.Collections.Concurrent;
using System.Collections.Immutable;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>The data keys of one ring that are open in memory. Read without waiting; disposing zeroes them all.</summary>
public sealed class DataKeys : IDisposable
{
    private ImmutableDictionary<KeyId, DataKey> _open = ImmutableDictionary<KeyId, DataKey>.Empty;
    private readonly ConcurrentBag<DataKey> _forgotten = [];
    private DataKey? _active;

    /// <summary>The key under which new messages are sealed; null before the first.</summary>
    public DataKey? Active => Volatile.Read(ref _active);

    /// <summary>Keys in memory.</summary>
    public int Count => Volatile.Read(ref _open).Count;

    /// <summary>The open key that sealed an envelope; null when it is not open.</summary>
    public DataKey? Find(int epoch, KeyId id) => Volatile.Read(ref _open).TryGetValue(id, out DataKey? key) && key.Epoch == epoch ? key : null;

    public void Dispose()
    {
        foreach (DataKey key in Interlocked.Exchange(ref _open, ImmutableDictionary<KeyId, DataKey>.Empty).Values.Concat(_forgotten))
        {
            key.Dispose();
        }
    }

    public override string ToString() => $"{Count} data keys <redacted>";

    /// <summary>Takes a key over. One that is open already is disposed instead.</summary>
    internal void Add(DataKey key)
    {
        if (!ImmutableInterlocked.TryAdd(ref _open, key.Id, key))
        {
            key.Dispose();
        }
    }

    /// <summary>Seals under this key from now on, unless it already is a later one's turn.</summary>
    internal void Activate(DataKey key)
    {
        while (Active is var before && (before is null || before.Epoch < key.Epoch))
        {
            if (Interlocked.CompareExchange(ref _active, key, before) == before)
            {
                return;
            }
        }
    }

    /// <summary>Gives a key to nobody any more. It is zeroed with the others, not now: somebody may be opening a row with it at this moment.</summary>
    internal void Forget(KeyId id)
    {
        if (ImmutableInterlocked.TryRemove(ref _open, id, out DataKey? key))
        {
            _forgotten.Add(key);
        }
    }
}
