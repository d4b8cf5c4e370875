using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The signature hash of BIP-0341 as NBitcoin computes it: slower, and written by others.</summary>
internal static class SighashTwin
{
    public static byte[] Compute(Transaction transaction, int index, IReadOnlyList<TxOut> prevouts, byte type, byte[] annex, Bytes32? leafHash = null)
    {
        NBitcoin.Transaction twin = NBitcoin.Transaction.Create(NBitcoin.Network.Main);
        twin.Version = unchecked((uint)transaction.Version);
        twin.LockTime = transaction.LockTime;
        foreach (TxIn input in transaction.Inputs)
        {
            NBitcoin.OutPoint spent = new(new NBitcoin.uint256(input.PreviousOutput.Txid.InternalOrder.AsSpan()), input.PreviousOutput.Index);
            twin.Inputs.Add(new NBitcoin.TxIn(spent) { Sequence = input.Sequence });
        }

        twin.Outputs.AddRange(transaction.Outputs.Select(ToTwin));
        NBitcoin.TaprootExecutionData execution = leafHash is { } leaf
            ? new NBitcoin.TaprootExecutionData(index, new NBitcoin.uint256(leaf.AsSpan()))
            : new NBitcoin.TaprootExecutionData(index);
        execution.SigHash = (NBitcoin.TaprootSigHash)type;
        if (annex.Length > 0)
        {
            // NBitcoin wants the annex hashed by its caller.
            ByteWriter framed = new();
            framed.WriteVariableBytes(annex);
            execution.AnnexHash = new NBitcoin.uint256(System.Security.Cryptography.SHA256.HashData(framed.Written));
        }

        return twin.GetSignatureHashTaproot([.. prevouts.Select(ToTwin)], execution).ToBytes();
    }

    private static NBitcoin.TxOut ToTwin(TxOut output) =>
        new(NBitcoin.Money.Satoshis(output.AmountSat), NBitcoin.Script.FromBytesUnsafe(output.ScriptPubKey.AsSpan().ToArray()));
}
