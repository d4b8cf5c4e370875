using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What a payment takes from a group.</summary>
public static class GroupOutflow
{
    /// <summary>
    /// Satoshis: what the group's inputs bring, without the outputs that pay the group back (<see cref="Psbt.FindChange"/>), so the fee is in it. Whatever
    /// merely looks like the group's is an outflow. Zero where others bring more than leaves.
    /// </summary>
    /// <param name="inputs">What <see cref="Psbt.TryAccept"/> found for the key.</param>
    public static ulong OutflowOf(this Psbt psbt, XOnlyPublicKey groupKey, KeyPathInputs inputs)
    {
        // Every amount was checked to be 0..21 million bitcoin, and their sums too.
        long brought = inputs.ToSign.Select(static input => input.Index).Concat(inputs.AlreadySigned).Sum(index => psbt.Prevouts[index]!.AmountSat);
        long paidBack = psbt.FindChange(groupKey).Sum(change => psbt.UnsignedTransaction.Outputs[change.Index].AmountSat);
        return brought > paidBack ? (ulong)(brought - paidBack) : 0;
    }
}
