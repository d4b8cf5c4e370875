using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What a payment takes from a group.</summary>
public static class GroupOutflow
{
    /// <summary>
    /// Satoshis: what the group's inputs bring, without the outputs that pay the group back, so the fee is in it. An output pays the group back only when the
    /// group's key alone can spend it, without any script; whatever merely looks like the group's is an outflow. Zero where others bring more than leaves.
    /// </summary>
    /// <param name="inputs">What <see cref="Psbt.TryAccept"/> found for the key.</param>
    public static ulong OutflowOf(this Psbt psbt, XOnlyPublicKey groupKey, KeyPathInputs inputs)
    {
        // Every amount was checked to be 0..21 million bitcoin, and their sums too.
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(groupKey, merkleRoot: null));
        long brought = inputs.ToSign.Select(static input => input.Index).Concat(inputs.AlreadySigned).Sum(index => psbt.Prevouts[index]!.AmountSat);
        long paidBack = psbt.UnsignedTransaction.Outputs.Where(output => output.ScriptPubKey == own).Sum(static output => output.AmountSat);
        return brought > paidBack ? (ulong)(brought - paidBack) : 0;
    }
}
