using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Registries;

/// <summary>Bitcoin's networks as a registry names them, in small letters.</summary>
public enum RegistryNetwork
{
    Mainnet,
    Testnet,
    Signet,
    Regtest,
}

/// <summary>Which registry a node goes by.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Key">Whoever signs it.</param>
/// <param name="Network">The one that it must be of.</param>
public sealed record RegistrySettings(string File, XOnlyPublicKey Key, RegistryNetwork Network)
{
    /// <summary>The clocks of two machines may differ by this much: a registry may be as much ahead of ours.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static readonly TimeSpan DefaultMaximumAge = TimeSpan.FromMinutes(10);

    /// <summary>Whoever may give up jobs that cannot be restored; null where nobody may.</summary>
    public XOnlyPublicKey? DecisionKey { get; init; }

    /// <summary>How old it may be, by its <c>asOf</c>; zero for no limit.</summary>
    public TimeSpan MaximumAge { get; init; } = DefaultMaximumAge;
}
