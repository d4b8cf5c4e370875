using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

public sealed class TransactionTests
{
    private const string OneInOneOut =
        "02000000" + "01" + "1111111111111111111111111111111111111111111111111111111111111111" + "00000000" + "00" + "ffffffff"
        + "01" + "e803000000000000" + "0151" + "00000000";

    [Fact]
    public void Parsing_what_was_serialised_gives_the_same_transaction()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Transaction transaction = new RandomTransactions(seed).Transaction(withWitness: seed % 2 == 0);
            Assert.True(Transaction.TryParse(transaction.ToBytes(), out Transaction? parsed, out BitcoinRefusal? refusal), $"seed {seed}: {refusal}");
            Assert.True(transaction == parsed && transaction.GetHashCode() == parsed.GetHashCode(), $"seed {seed}");
            Assert.Equal(transaction.Inputs, parsed.Inputs);
            Assert.Equal(transaction.Outputs, parsed.Outputs);
        }
    }

    [Fact]
    public void The_virtual_size_is_that_of_NBitcoin()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Transaction transaction = new RandomTransactions(seed).Transaction(withWitness: seed % 2 == 0);
            NBitcoin.Transaction twin = NBitcoin.Transaction.Load(transaction.ToBytes(), NBitcoin.Network.Main);
            Assert.True(transaction.ComputeVirtualSize() == twin.GetVirtualSize(), $"seed {seed}");
        }
    }

    [Fact]
    public void A_flipped_bit_never_throws_and_is_either_refused_or_written_back_the_same()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            RandomTransactions random = new(seed);
            byte[] bytes = random.Transaction(withWitness: true).ToBytes();
            bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
            if (Transaction.TryParse(bytes, out Transaction? parsed, out BitcoinRefusal? refusal))
            {
                Assert.True(parsed.ToBytes().AsSpan().SequenceEqual(bytes), $"seed {seed}");
            }
            else
            {
                Assert.StartsWith("transaction_", refusal.Code, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Every_prefix_of_a_transaction_is_refused()
    {
        byte[] bytes = new RandomTransactions(7).Transaction(withWitness: true).ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(Transaction.TryParse(bytes.AsSpan(0, length), out _, out _), $"length {length}");
        }
    }

    [Fact]
    public void The_first_transaction_of_the_chain_has_its_known_txid()
    {
        const string genesis =
            "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039"
            + "204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548"
            + "271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";
        Assert.True(Transaction.TryParse(Convert.FromHexString(genesis), out Transaction? transaction, out _));
        Assert.Equal("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", transaction.Txid.ToString());
        Assert.Equal(transaction.Txid, transaction.ComputeWtxid());
        Assert.True(Txid.TryParse(transaction.Txid.ToString(), out Txid again));
        Assert.Equal(transaction.Txid, again);
    }

    [Fact]
    public void A_witness_changes_the_wtxid_and_not_the_txid()
    {
        Transaction transaction = new RandomTransactions(4).Transaction(withWitness: true);
        Assert.True(transaction.HasWitness);
        Transaction stripped = new(
            transaction.Version, transaction.Inputs.Select(input => input with { Witness = Witness.Empty }), transaction.Outputs, transaction.LockTime);
        Assert.Equal(transaction.Txid, stripped.Txid);
        Assert.NotEqual(transaction.ComputeWtxid(), stripped.ComputeWtxid());
        Assert.NotEqual(transaction, stripped);
    }

    [Theory]
    [InlineData(OneInOneOut + "00", RefusalCodes.TransactionTrailingBytes)]
    [InlineData("0200000000ff", RefusalCodes.TransactionMalformed)]
    [InlineData("02000000" + "fdfffffff0", RefusalCodes.TransactionTruncated)]
    [InlineData("02000000" + "ffffffffffffffffff", RefusalCodes.TransactionTruncated)]
    [InlineData("02000000" + "fd0100" + "00", RefusalCodes.TransactionMalformed)]
    [InlineData("02000000" + "fdfc00", RefusalCodes.TransactionMalformed)]
    [InlineData("02000000" + "fdfd00", RefusalCodes.TransactionTruncated)]
    [InlineData("02000000" + "feffff0000", RefusalCodes.TransactionMalformed)]
    [InlineData("02000000" + "ffffffffff00000000", RefusalCodes.TransactionMalformed)]
    [InlineData("", RefusalCodes.TransactionTruncated)]
    public void Malformed_bytes_are_refused_with_a_code(string hex, string code)
    {
        Assert.False(Transaction.TryParse(Convert.FromHexString(hex), out _, out BitcoinRefusal? refusal));
        Assert.Equal(code, refusal.Code);
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("0140075af0750700")]
    public void An_amount_out_of_range_is_refused(string amount)
    {
        byte[] bytes = Convert.FromHexString(OneInOneOut.Replace("e803000000000000", amount, StringComparison.Ordinal));
        Assert.False(Transaction.TryParse(bytes, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.TransactionAmountOutOfRange, refusal.Code);
    }

    [Fact]
    public void Outputs_that_sum_to_more_than_there_is_are_refused()
    {
        string two = OneInOneOut.Replace(
            "01e803000000000000" + "0151", "02" + "0040075af0750700" + "0151" + "0100000000000000" + "0151", StringComparison.Ordinal);
        Assert.False(Transaction.TryParse(Convert.FromHexString(two), out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.TransactionAmountOutOfRange, refusal.Code);
        TxOut all = new(TxOut.MaximumAmountSat, Script.Empty);
        Assert.Throws<ArgumentException>(() => new Transaction(2, [], [all, new TxOut(1, Script.Empty)], 0));
    }

    [Fact]
    public void The_segwit_marker_without_any_witness_is_refused()
    {
        string marked = OneInOneOut.Replace("0200000001", "02000000" + "0001" + "01", StringComparison.Ordinal);
        marked = marked[..^8] + "00" + marked[^8..];
        Assert.False(Transaction.TryParse(Convert.FromHexString(marked), out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.TransactionMalformed, refusal.Code);
    }

    [Fact]
    public void More_bytes_than_a_block_holds_are_refused_unread()
    {
        Assert.False(Transaction.TryParse(new byte[Transaction.MaximumBytes + 1], out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.TransactionTooLarge, refusal.Code);
    }

    [Fact]
    public void Scripts_and_witnesses_are_equal_by_value()
    {
        Assert.True(Script.ParseHex("51") == Script.From([0x51]));
        Assert.False(Script.ParseHex("51") == Script.Empty);
        Assert.True(Witness.FromItems([1], [2, 3]) == Witness.FromItems([1], [2, 3]));
        Assert.False(Witness.FromItems([1], [2, 3]) == Witness.FromItems([1, 2], [3]));
        Assert.Equal([2, 3], Witness.FromItems([1], [2, 3])[1].ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Witness.Empty[0].ToArray());
        Assert.Equal(new TxOut(5, Script.ParseHex("51")), new TxOut(5, Script.From([0x51])));
        Assert.Equal(default, new OutPoint(new Txid(default(Bytes32)), 0));
    }
}
