namespace SignerCluster.Protocol.KeyRing;

/// <summary>Everything a key ring remembers. Stored unsealed, because it is what opens the rest: a data key appears only wrapped.</summary>
public abstract record KeyRingEvent
{
    private KeyRingEvent()
    {
    }

    /// <summary>A data key joined the ring. Epochs count from 1 without a gap.</summary>
    /// <param name="Id">Which data key.</param>
    /// <param name="WrappedUnder">The key-encryption key under which it is wrapped; the same for the whole ring.</param>
    /// <param name="Wrapped">60 bytes: nonce, ciphertext, tag.</param>
    public sealed record KeyAdded(int Epoch, KeyId Id, KeyId WrappedUnder, ByteString Wrapped) : KeyRingEvent;

    /// <summary>From here on nothing is sealed under an earlier epoch. The store learns of it in the transaction of this event's append.</summary>
    public sealed record KeyActivated(int Epoch) : KeyRingEvent;

    /// <summary>Nothing stored needs the epoch's key any more; it is not opened again.</summary>
    public sealed record KeyRetired(int Epoch) : KeyRingEvent;

    /// <summary>Every key that is not retired is wrapped under another key-encryption key.</summary>
    public sealed record KeysRewrapped(KeyId WrappedUnder, IReadOnlyList<WrappedKey> Keys) : KeyRingEvent
    {
        public bool Equals(KeysRewrapped? other) => other is not null && WrappedUnder == other.WrappedUnder && Keys.SequenceEqual(other.Keys);

        public override int GetHashCode() => HashCode.Combine(WrappedUnder, Keys.Count);
    }

    /// <summary>
    /// So many messages may have been sealed under the epoch's key, whatever a process that was killed did seal. Written before the messages are: a
    /// restart cannot refill the key's allowance.
    /// </summary>
    /// <param name="UpTo">Since the key was drawn.</param>
    public sealed record MessagesReserved(int Epoch, long UpTo) : KeyRingEvent;
}

/// <summary>A data key in its wrapping.</summary>
public sealed record WrappedKey(int Epoch, ByteString Wrapped);
