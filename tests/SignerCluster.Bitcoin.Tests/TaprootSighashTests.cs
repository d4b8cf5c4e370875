using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

public sealed class TaprootSighashTests
{
    private static readonly SighashType[] _types = Enum.GetValues<SighashType>();

    [Fact]
    public void Any_hash_of_a_key_or_script_equals_that_of_NBitcoin()
    {
        int compared = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            RandomTransactions random = new(seed);
            Transaction transaction = random.Transaction(withWitness: false);
            TxOut[] prevouts = [.. transaction.Inputs.Select(_ => random.Output())];
            byte[] annex = random.Below(3) == 0 ? [0x50, .. random.Bytes(random.Below(300))] : [];
            Assert.True(TaprootSighash.TryPrepare(transaction, prevouts, out TaprootSighash? hashes, out _));
            foreach (SighashType type in _types)
            {
                int index = random.Below(transaction.Inputs.Count);
                bool hasHash = ((int)type & 3) != 3 || index < transaction.Outputs.Count;
                Assert.True(
                    hasHash == hashes.TryCompute(index, type, annex, out Bytes32 sighash, out BitcoinRefusal? refusal), $"seed {seed} {type} {refusal}");
                if (hasHash)
                {
                    byte[] twin = SighashTwin.Compute(transaction, index, prevouts, (byte)type, annex);
                    Assert.True(sighash.AsSpan().SequenceEqual(twin), $"seed {seed} {type} input {index}");
                    Assert.True(TaprootSighash.TryCompute(transaction, index, prevouts, type, annex, out Bytes32 direct, out _) && direct == sighash);
                    Bytes32 leaf = FixedBytes.From<Bytes32>(random.Bytes(32));
                    Assert.True(hashes.TryComputeForScript(index, type, annex, leaf, out Bytes32 forScript, out _));
                    twin = SighashTwin.Compute(transaction, index, prevouts, (byte)type, annex, leaf);
                    Assert.True(forScript.AsSpan().SequenceEqual(twin), $"seed {seed} {type} input {index} leaf {leaf}");
                    compared += 2;
                }
            }
        }

        Assert.True(compared > 4000, $"{compared} hashes");
    }

    [Fact]
    public void A_signature_commits_to_the_amount_and_script_of_every_prevout()
    {
        RandomTransactions random = new(11);
        Transaction transaction = random.Transaction(withWitness: false);
        TxOut[] prevouts = [.. transaction.Inputs.Select(_ => random.Output())];
        HashSet<Bytes32> seen = [Hash(transaction, prevouts)];
        for (int index = 0; index < prevouts.Length; index++)
        {
            TxOut original = prevouts[index];
            prevouts[index] = new TxOut(original.AmountSat + 1, original.ScriptPubKey);
            Assert.True(seen.Add(Hash(transaction, prevouts)));
            prevouts[index] = new TxOut(original.AmountSat, Script.From([.. original.ScriptPubKey.AsSpan(), 0]));
            Assert.True(seen.Add(Hash(transaction, prevouts)));
            prevouts[index] = original;
        }
    }

    [Fact]
    public void Single_without_an_output_of_the_same_index_is_refused()
    {
        Transaction transaction = TwoInputs(new TxOut(1, Script.Empty));
        TxOut[] prevouts = [new(5, Script.Empty), new(6, Script.Empty)];
        foreach (SighashType type in (SighashType[])[SighashType.Single, SighashType.SingleAnyoneCanPay])
        {
            Assert.True(TaprootSighash.TryCompute(transaction, 0, prevouts, type, default, out _, out _));
            Assert.Equal(RefusalCodes.SighashSingleWithoutOutput, RefusalOf(transaction, 1, prevouts, type));
        }
    }

    [Fact]
    public void An_unknown_prevout_is_refused_unless_anyone_can_pay_leaves_it_out()
    {
        Transaction transaction = TwoInputs(new TxOut(1, Script.Empty));
        TxOut?[] prevouts = [new(5, Script.Empty), null];
        Assert.Equal(RefusalCodes.SighashMissingPrevout, RefusalOf(transaction, 0, prevouts, SighashType.Default));
        Assert.Equal(RefusalCodes.SighashMissingPrevout, RefusalOf(transaction, 0, prevouts, SighashType.None));
        Assert.Equal(RefusalCodes.SighashMissingPrevout, RefusalOf(transaction, 1, prevouts, SighashType.AllAnyoneCanPay));
        Assert.True(TaprootSighash.TryCompute(transaction, 0, prevouts, SighashType.AllAnyoneCanPay, default, out _, out _));
    }

    [Theory]
    [InlineData(2, 0, "", RefusalCodes.SighashInputOutOfRange)]
    [InlineData(-1, 0, "", RefusalCodes.SighashInputOutOfRange)]
    [InlineData(0, 4, "", RefusalCodes.SighashTypeInvalid)]
    [InlineData(0, 0x80, "", RefusalCodes.SighashTypeInvalid)]
    [InlineData(0, 0x84, "", RefusalCodes.SighashTypeInvalid)]
    [InlineData(0, 0, "51", RefusalCodes.SighashAnnexInvalid)]
    public void What_has_no_hash_is_refused(int index, int type, string annex, string code)
    {
        Transaction transaction = TwoInputs();
        TxOut[] prevouts = [new(5, Script.Empty), new(6, Script.Empty)];
        Assert.False(TaprootSighash.TryCompute(
            transaction, index, prevouts, (SighashType)type, Convert.FromHexString(annex), out _, out BitcoinRefusal? refusal));
        Assert.Equal(code, refusal.Code);
    }

    [Fact]
    public void A_prevout_too_few_is_refused() =>
        Assert.Equal(RefusalCodes.SighashPrevoutCount, RefusalOf(TwoInputs(), 0, [new TxOut(5, Script.Empty)], SighashType.All));

    private static Bytes32 Hash(Transaction transaction, TxOut[] prevouts)
    {
        Assert.True(TaprootSighash.TryCompute(transaction, 0, prevouts, SighashType.Default, default, out Bytes32 sighash, out _));
        return sighash;
    }

    private static string RefusalOf(Transaction transaction, int index, TxOut?[] prevouts, SighashType type)
    {
        Assert.False(TaprootSighash.TryCompute(transaction, index, prevouts, type, default, out _, out BitcoinRefusal? refusal));
        return refusal.Code;
    }

    private static Transaction TwoInputs(params TxOut[] outputs) =>
        new(2, [new TxIn(new OutPoint(default, 0)), new TxIn(new OutPoint(default, 1))], outputs, 0);
}
