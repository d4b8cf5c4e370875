using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>PSBTs that spend from a group.</summary>
internal static class Psbts
{
    /// <summary>Spends the given number of the group's outputs into one output of its own.</summary>
    public static Psbt Spending(XOnlyPublicKey groupKey, int inputs)
    {
        XOnlyPublicKey outputKey = Taproot.OutputKey(groupKey, merkleRoot: null);
        TxOut prevout = new(50_000, Taproot.ScriptPubKey(outputKey));
        TxIn[] spends =
            [.. Enumerable.Range(0, inputs).Select(index => new TxIn(new OutPoint(new Txid(FixedBytes.ParseHex<Bytes32>(new string('7', 64))), (uint)index)))];
        Transaction unsigned = new(2, spends, [new TxOut((50_000 * inputs) - 1_000, Taproot.ScriptPubKey(outputKey))], 0);
        return Psbt.Create(unsigned, [.. spends.Select(_ => prevout)], [.. spends.Select(_ => (XOnlyPublicKey?)groupKey)]);
    }

    public static string Body(string session, Psbt psbt) => $$"""{"sessionId":"{{session}}","psbt":"{{psbt.ToBase64()}}"}""";
}
