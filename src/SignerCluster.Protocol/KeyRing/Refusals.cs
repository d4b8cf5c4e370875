namespace SignerCluster.Protocol.KeyRing;

/// <summary>Every refusal of a key ring. The codes are a contract.</summary>
public static class KeyRingRefusals
{
    /// <summary>The ring changed since the asker looked: look again and repeat.</summary>
    public const string EpochTakenCode = "key_epoch_taken";

    /// <summary>The epoch is not the active one any more.</summary>
    public const string EpochStaleCode = "key_epoch_stale";

    /// <summary>The key has sealed as many messages as it may: rotate.</summary>
    public const string ExhaustedCode = "key_exhausted";

    /// <summary>A key-encryption key that the ring is not wrapped under.</summary>
    public const string MismatchCode = "key_mismatch";

    /// <summary>Something is still sealed under the key.</summary>
    public const string InUseCode = "key_in_use";

    internal static Refusal EpochTaken(int epoch, int next) =>
        Refusal.Recoverable(EpochTakenCode, "The ring changed meanwhile. Ask again.", ("epoch", epoch), ("next", next));

    internal static Refusal EpochStale(int epoch, int active) =>
        Refusal.Recoverable(EpochStaleCode, "The epoch is not the active one.", ("epoch", epoch), ("active", active));

    internal static Refusal Exhausted(long limit) =>
        Refusal.Recoverable(ExhaustedCode, $"The key may seal {limit} messages and no more. Rotate.", ("limit", limit));

    internal static Refusal Mismatch(KeyId? wrappedUnder, KeyId given) => Refusal.Terminal(
        MismatchCode,
        "The key-encryption key is not the one that the ring is wrapped under. "
            + "If the ring was re-wrapped, name the new provider in the configuration and start this process again; otherwise give the right key.",
        ("wrappedUnder", wrappedUnder?.ToString() ?? "nothing"),
        ("given", given));

    internal static Refusal InUse(int epoch, long neededBy) =>
        Refusal.Recoverable(InUseCode, "The key is still needed.", ("epoch", epoch), ("neededBy", neededBy));

    internal static Refusal Repeated(KeyId id) =>
        Refusal.Terminal("key_repeated", "The ring has or had this very key. Two epochs never share one.", ("key", id));

    internal static Refusal EpochUnknown(int epoch) => Refusal.Terminal("key_epoch_unknown", "The ring has no such epoch.", ("epoch", epoch));
}
