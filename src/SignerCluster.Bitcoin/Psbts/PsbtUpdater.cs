using System.Buffers.Binary;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The updater role of BIP-0174 for a group's derived addresses: says in a PSBT whose key an output has (BIP-0371).</summary>
public static class PsbtUpdater
{
    /// <summary>States that an input spends from the key of a path, as its internal key.</summary>
    public static Psbt WithInputKey(this Psbt psbt, int input, GroupAccount account, DerivationPath path)
    {
        PsbtMap[] inputs = [.. psbt.Inputs];
        inputs[input] = WithKey(inputs[input], InputKeyType.TapInternalKey, InputKeyType.TapBip32Derivation, account, path);
        return psbt.WithMaps(inputs, [.. psbt.Outputs]);
    }

    /// <summary>States that an output pays to the key of a path, as its internal key.</summary>
    public static Psbt WithOutputKey(this Psbt psbt, int output, GroupAccount account, DerivationPath path)
    {
        PsbtMap[] outputs = [.. psbt.Outputs];
        outputs[output] = WithKey(outputs[output], OutputKeyType.TapInternalKey, OutputKeyType.TapBip32Derivation, account, path);
        return psbt.WithMaps([.. psbt.Inputs], outputs);
    }

    private static PsbtMap WithKey(PsbtMap map, ulong internalKeyType, ulong derivationType, GroupAccount account, DerivationPath path)
    {
        Bytes32 key = account.Derive(path).InternalKey.ToBytes();
        return map.With(internalKeyType, key.AsSpan()).With(derivationType, key.AsSpan(), Origin(account, path));
    }

    // No leaves, the fingerprint of the root, and the steps.
    private static byte[] Origin(GroupAccount account, DerivationPath path)
    {
        ByteWriter writer = new();
        writer.WriteCompactSize(0);
        writer.WriteUInt32(BinaryPrimitives.ReverseEndianness(account.Fingerprint));
        foreach (uint step in path.Steps)
        {
            writer.WriteUInt32(step);
        }

        return writer.ToArray();
    }
}
