using System.Runtime.InteropServices;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>One step from a key to the next: the key, lifted to an even y first where <paramref name="IsXOnly"/>, plus value times the generator.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeyStep(Scalar Value, bool IsXOnly);

/// <summary>The group's own key, or one below it.</summary>
/// <param name="Chain">How the group's key becomes this one: a step for each of the path.</param>
/// <param name="InternalKey">The key before any taproot tweak.</param>
public sealed record DerivedKey(DerivationPath Path, IReadOnlyList<KeyStep> Chain, XOnlyPublicKey InternalKey)
{
    /// <summary>The key that an output of this key pays to: one without scripts, or one with the script tree of the given root.</summary>
    public XOnlyPublicKey OutputKey(Bytes32? merkleRoot) => Taproot.OutputKey(InternalKey, merkleRoot);

    /// <summary>How the group's key becomes that output key: the chain, and the taproot tweak last.</summary>
    public IReadOnlyList<KeyStep> StepsTo(Bytes32? merkleRoot) => [.. Chain, new KeyStep(Taproot.Tweak(InternalKey, merkleRoot), IsXOnly: true)];
}
