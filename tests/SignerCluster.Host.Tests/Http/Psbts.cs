using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>PSBTs that spend from a group.</summary>
internal static class Psbts
{
    public const long PaidFromSat = 200_000;
    public const long FeeSat = 1_000;

    /// <summary>An output that is nobody's here.</summary>
    public static Script Stranger { get; } = Taproot.ScriptPubKey(Point.Generator.XOnly);

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

    /// <summary>Spends 50,000 sat from each path of a group and pays them to a stranger and, as change, to another path.</summary>
    public static Psbt FromPaths(XOnlyPublicKey groupKey, DerivationPath[] paths, DerivationPath change)
    {
        GroupAccount account = new(groupKey);
        TxOut[] prevouts = [.. paths.Select(path => new TxOut(50_000, ScriptOf(path)))];
        TxIn[] spends = [.. paths.Select((_, index) => new TxIn(new OutPoint(new Txid(FixedBytes.ParseHex<Bytes32>(new string('6', 64))), (uint)index)))];
        TxOut[] paid = [new TxOut(30_000, Taproot.ScriptPubKey(Point.Generator.XOnly)), new TxOut((50_000 * paths.Length) - 31_000, ScriptOf(change))];
        Psbt psbt = Psbt.Create(new Transaction(2, spends, paid, 0), prevouts, new XOnlyPublicKey?[paths.Length]);
        return paths.Select(static (path, index) => (path, index))
            .Aggregate(psbt, (current, one) => current.WithInputKey(one.index, account, one.path))
            .WithOutputKey(1, account, change);

        Script ScriptOf(DerivationPath path) => Taproot.ScriptPubKey(account.Derive(path).OutputKey(merkleRoot: null));
    }

    /// <summary>Pays a stranger from an output of the group of 200,000 sat, with a fee of 1,000; the rest is change. Every number is another payment.</summary>
    /// <param name="change">Where the change goes; null for the group.</param>
    public static Psbt Paying(XOnlyPublicKey groupKey, int number, long amountSat, Script? change = null)
    {
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(groupKey, merkleRoot: null));
        Transaction unsigned = new(
            2,
            [new TxIn(new OutPoint(new Txid(FixedBytes.ParseHex<Bytes32>(new string('8', 64))), (uint)number))],
            [new TxOut(amountSat, Stranger), new TxOut(PaidFromSat - amountSat - FeeSat, change ?? own)],
            0);
        return Psbt.Create(unsigned, [new TxOut(PaidFromSat, own)], [groupKey]);
    }

    public static string Body(string session, Psbt psbt) => $$"""{"sessionId":"{{session}}","psbt":"{{psbt.ToBase64()}}"}""";
}
