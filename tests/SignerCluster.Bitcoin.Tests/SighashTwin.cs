using System.Security.Cryptography;
using System.Text;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>BIP-0341's signature message written down as one concatenation, with nothing shared, cached or reused from the product.</summary>
internal static class SighashTwin
{
    public static byte[] Compute(Transaction transaction, int index, IReadOnlyList<TxOut> prevouts, byte type, byte[] annex)
    {
        byte[] tag = SHA256.HashData(Encoding.ASCII.GetBytes("TapSighash"));
        return SHA256.HashData([.. tag, .. tag, 0, .. Message(transaction, index, prevouts, type, annex)]);
    }

    public static byte[] Message(Transaction transaction, int index, IReadOnlyList<TxOut> prevouts, byte type, byte[] annex)
    {
        List<byte> message = [type];
        message.AddRange(BitConverter.GetBytes(transaction.Version));
        message.AddRange(BitConverter.GetBytes(transaction.LockTime));
        if ((type & 0x80) != 0x80)
        {
            message.AddRange(SHA256.HashData([.. transaction.Inputs.SelectMany(Outpoint)]));
            message.AddRange(SHA256.HashData([.. prevouts.SelectMany(prevout => BitConverter.GetBytes(prevout.AmountSat))]));
            message.AddRange(SHA256.HashData([.. prevouts.SelectMany(prevout => Framed(prevout.ScriptPubKey.AsSpan().ToArray()))]));
            message.AddRange(SHA256.HashData([.. transaction.Inputs.SelectMany(input => BitConverter.GetBytes(input.Sequence))]));
        }

        if ((type & 3) is not (2 or 3))
        {
            message.AddRange(SHA256.HashData([.. transaction.Outputs.SelectMany(Output)]));
        }

        message.Add((byte)(annex.Length > 0 ? 1 : 0));
        if ((type & 0x80) == 0x80)
        {
            message.AddRange(Outpoint(transaction.Inputs[index]));
            message.AddRange(Output(prevouts[index]));
            message.AddRange(BitConverter.GetBytes(transaction.Inputs[index].Sequence));
        }
        else
        {
            message.AddRange(BitConverter.GetBytes(index));
        }

        if (annex.Length > 0)
        {
            message.AddRange(SHA256.HashData(Framed(annex)));
        }

        if ((type & 3) == 3)
        {
            message.AddRange(SHA256.HashData(Output(transaction.Outputs[index])));
        }

        return [.. message];
    }

    private static byte[] Outpoint(TxIn input) =>
        [.. input.PreviousOutput.Txid.InternalOrder.AsSpan(), .. BitConverter.GetBytes(input.PreviousOutput.Index)];

    private static byte[] Output(TxOut output) => [.. BitConverter.GetBytes(output.AmountSat), .. Framed(output.ScriptPubKey.AsSpan().ToArray())];

    private static byte[] Framed(byte[] bytes) => bytes.Length < 253
        ? [(byte)bytes.Length, .. bytes]
        : [253, (byte)(bytes.Length % 256), (byte)(bytes.Length / 256), .. bytes];
}
