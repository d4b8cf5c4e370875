namespace SignerCluster.Protocol.KeyRing;

// Added ──activated──▶ Active ──a later one activated──▶ Superseded ──retired──▶ Retired

/// <summary>Where a data key is in its life.</summary>
public enum KeyPhase
{
    /// <summary>In the ring, nothing is sealed under it yet.</summary>
    Added,

    /// <summary>Everything new is sealed under it.</summary>
    Active,

    /// <summary>Opens what is still sealed under it.</summary>
    Superseded,

    /// <summary>Needed by nothing.</summary>
    Retired,
}

/// <summary>One data key of a ring.</summary>
/// <param name="Wrapped">60 bytes; empty once the key is retired.</param>
/// <param name="MessagesReserved">How many messages may have been sealed under it.</param>
public sealed record RingKey(int Epoch, KeyId Id, ByteString Wrapped, KeyPhase Phase, long MessagesReserved);

/// <summary>A ring. The key of epoch e stands at index e - 1.</summary>
/// <param name="WrappedUnder">The key-encryption key of all keys that are not retired; null for an empty ring.</param>
public sealed record KeyRingState(KeyId? WrappedUnder, IReadOnlyList<RingKey> Keys)
{
    public static KeyRingState Empty { get; } = new(null, []);

    /// <summary>The key under which new rows are sealed; null before the first.</summary>
    public RingKey? Active => Keys.LastOrDefault(static key => key.Phase == KeyPhase.Active);

    /// <summary>The keys that may still be needed to open something.</summary>
    public IEnumerable<RingKey> Needed => Keys.Where(static key => key.Phase != KeyPhase.Retired);

    /// <summary>The epoch of the next key.</summary>
    public int NextEpoch => Keys.Count + 1;

    public RingKey? Find(int epoch) => epoch >= 1 && epoch <= Keys.Count ? Keys[epoch - 1] : null;

    internal KeyRingState With(int epoch, Func<RingKey, RingKey> change) =>
        this with { Keys = [.. Keys.Select(key => key.Epoch == epoch ? change(key) : key)] };
}
