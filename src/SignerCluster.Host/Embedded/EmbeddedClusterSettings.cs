using Akka.Actor;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Embedded;

/// <summary>Limits of an embedded cluster.</summary>
internal sealed record EmbeddedClusterSettings
{
    internal NonceVaultSettings Nonces { get; init; } = new();

    /// <summary>How long a session may stay open before its party ends it for good.</summary>
    internal TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(24);

    internal WakerSettings Waker { get; init; } = new();

    /// <summary>How long a stop waits for what is in progress.</summary>
    internal TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Are open sessions woken? One that is not woken stays as it is until it is asked for or until a start that wakes it.
    /// </summary>
    internal bool ResumesOpenSessions { get; init; } = true;

    /// <summary>Where covenant jobs look reserves up; null to take no such jobs.</summary>
    internal IRegistry? Registry { get; init; }

    /// <summary>Whoever may give covenant jobs up (BIP-0340); null where nobody may.</summary>
    internal XOnlyPublicKey? DecisionKey { get; init; }

    /// <summary>With the registry of a file; as it is where there is none.</summary>
    internal EmbeddedClusterSettings With(RegistrySettings? named, IRegistry? opened) =>
        opened is null ? this : this with { Registry = opened, DecisionKey = named?.DecisionKey };

    /// <summary>Puts an actor between the coordinator and the links, such as a liar in a demonstration or a fault in a test; null for none.</summary>
    internal Func<IActorRef, Props>? Interpose { get; init; }
}
