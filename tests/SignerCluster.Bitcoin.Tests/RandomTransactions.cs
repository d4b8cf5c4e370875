using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>Random but reproducible transactions; whoever fails prints the seed.</summary>
internal sealed class RandomTransactions(int seed)
{
    private readonly Random _random = new(seed);

    public int Below(int limit) => _random.Next(limit);

    public byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    public Script Script() => Transactions.Script.From(Bytes(_random.Next(8) == 0 ? 250 + _random.Next(10) : _random.Next(40)));

    public TxOut Output() => new(_random.NextInt64(TxOut.MaximumAmountSat / 16), Script());

    public Transaction Transaction(bool withWitness)
    {
        TxIn[] inputs = [.. Enumerable.Range(0, 1 + _random.Next(6)).Select(_ => Input(withWitness))];
        TxOut[] outputs = [.. Enumerable.Range(0, _random.Next(6)).Select(_ => Output())];
        return new Transaction(_random.Next(), inputs, outputs, (uint)_random.Next());
    }

    private TxIn Input(bool withWitness)
    {
        OutPoint outPoint = new(new Txid(FixedBytes.From<Bytes32>(Bytes(32))), (uint)_random.Next());
        return withWitness
            ? new TxIn(
                outPoint, Script(), (uint)_random.Next(), Witness.FromItems([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Bytes(_random.Next(300)))]))
            : new TxIn(outPoint, (uint)_random.Next());
    }
}
