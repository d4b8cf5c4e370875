using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>An output that provably pays the group back.</summary>
/// <param name="Index">Its position in the transaction.</param>
/// <param name="Path">Where its key is: <c>m</c> for the group's own.</param>
public sealed record ChangeOutput(int Index, DerivationPath Path);

internal static class ChangeSearch
{
    public static IReadOnlyList<ChangeOutput> Run(Psbt psbt, XOnlyPublicKey groupKey)
    {
        GroupOutputs outputs = new(groupKey);
        List<ChangeOutput> change = [];
        foreach ((int index, TxOut output) in psbt.UnsignedTransaction.Outputs.Index())
        {
            PsbtMap map = psbt.Outputs[index];
            KeyClaim claim = outputs.ClaimIn(map, OutputKeyType.TapBip32Derivation, map.Bytes32Of(OutputKeyType.TapInternalKey));
            if (outputs.Find(output.ScriptPubKey, merkleRoot: null, claim.Child) is { } own)
            {
                change.Add(new ChangeOutput(index, own.Key.Path));
            }
        }

        return change;
    }
}
