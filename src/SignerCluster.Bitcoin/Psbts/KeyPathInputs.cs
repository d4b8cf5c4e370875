using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>
/// An input that waits for a key-path signature of a group: <paramref name="Steps"/> lead from the group's key to <paramref name="OutputKey"/>, and the
/// BIP-340 message is <paramref name="Sighash"/>.
/// </summary>
/// <param name="Index">The position of the input in the transaction.</param>
/// <param name="Path">Where the internal key of the output is; <c>m</c> for the group's own key.</param>
/// <param name="MerkleRoot">The root of the output's script tree, null when it has none.</param>
/// <param name="Steps">Those of the path, and the taproot tweak last; at most <see cref="DerivationPath.MaximumDepth"/> and one.</param>
/// <param name="OutputKey">The key under which the signature verifies.</param>
/// <param name="SighashType">What the signature commits to; BIP-0174's field, or the default.</param>
/// <param name="Sighash">The 32 bytes to sign.</param>
public sealed record KeyPathInput(
    int Index,
    DerivationPath Path,
    Bytes32? MerkleRoot,
    IReadOnlyList<KeyStep> Steps,
    XOnlyPublicKey OutputKey,
    SighashType SighashType,
    Bytes32 Sighash)
{
    /// <summary>
    /// Does the signature bind every input and output? With any other hash type, which the PSBT's author chooses, whoever holds the signature can
    /// change the transaction, so its txid and amounts prove nothing.
    /// </summary>
    public bool CommitsToWholeTransaction => SighashType is SighashType.Default or SighashType.All;

    /// <summary>Does the signature bind every output, whatever inputs others may still add?</summary>
    public bool CommitsToAllOutputs => SighashType.CommitsToAllOutputs();
}

/// <summary>All inputs of a PSBT, sorted by what they are to one group key; each list ascends, and every input is in exactly one.</summary>
public sealed class KeyPathInputs
{
    internal KeyPathInputs(IReadOnlyList<KeyPathInput> toSign, IReadOnlyList<int> alreadySigned, IReadOnlyList<int> foreign, IReadOnlyList<int> unknown)
    {
        ToSign = toSign;
        AlreadySigned = alreadySigned;
        Foreign = foreign;
        Unknown = unknown;
    }

    /// <summary>Inputs of the group without a signature; at least one.</summary>
    public IReadOnlyList<KeyPathInput> ToSign { get; }

    /// <summary>Inputs of the group with a key-path signature or a final script. The signature has not been verified.</summary>
    public IReadOnlyList<int> AlreadySigned { get; }

    /// <summary>Inputs that spend outputs of other keys.</summary>
    public IReadOnlyList<int> Foreign { get; }

    /// <summary>Inputs without a UTXO; there are some only when every hash in <see cref="ToSign"/> leaves other inputs out (ANYONECANPAY).</summary>
    public IReadOnlyList<int> Unknown { get; }
}
