using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Protocol.Wire;

/// <summary>How the events of a key ring are stored.</summary>
public static class KeyRingCodec
{
    public static EventCodec<KeyRingEvent> Events { get; } = new(
        ("key-ring.key-added.v1", WireJson.Default.KeyAdded),
        ("key-ring.key-activated.v1", WireJson.Default.KeyActivated),
        ("key-ring.key-retired.v1", WireJson.Default.KeyRetired),
        ("key-ring.keys-rewrapped.v1", WireJson.Default.KeysRewrapped),
        ("key-ring.messages-reserved.v1", WireJson.Default.MessagesReserved));
}
