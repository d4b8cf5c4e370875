using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

public sealed class KeyPathSigningTests
{
    private static readonly byte[] _secret = Convert.FromHexString("6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa");
    private static readonly byte[] _otherSecret = Convert.FromHexString("1e4da49f6aaf4e5cd175fe08a32bb5cb4863d963921255f33d3bc31e1343907f");
    private static readonly XOnlyPublicKey _group = WholeKey.PublicKey(_secret);
    private static readonly XOnlyPublicKey _other = WholeKey.PublicKey(_otherSecret);

    [Fact]
    public void Ten_inputs_are_signed_finalised_extracted_and_verify_under_an_independent_hash()
    {
        Psbt psbt = Spend([.. Enumerable.Repeat(_group, 10)], outputs: 10);
        SighashType[] types = [.. Enum.GetValues<SighashType>(), SighashType.Default, SighashType.All, SighashType.Single];
        for (int index = 0; index < types.Length; index++)
        {
            psbt = types[index] == SighashType.Default ? psbt : psbt.WithSighashType(index, types[index]);
        }

        KeyPathInputs found = Find(psbt);
        Assert.Equal(Enumerable.Range(0, 10), found.ToSign.Select(input => input.Index));
        Assert.Equal(types, found.ToSign.Select(input => input.SighashType));
        Assert.Equal([0, 1, 7, 8], found.ToSign.Where(input => input.CommitsToWholeTransaction).Select(input => input.Index));
        foreach (KeyPathInput input in found.ToSign)
        {
            psbt = psbt.WithTapKeySignature(input.Index, WholeKey.Sign(_secret, input.Steps, input.Sighash), input.SighashType);
            Assert.True(Psbt.TryParse(psbt.ToBytes(), out Psbt? again, out _) && again == psbt);
        }

        Transaction transaction = FinalizeAndExtract(psbt);
        Assert.True(Transaction.TryParse(transaction.ToBytes(), out Transaction? parsed, out _));
        Assert.Equal(transaction, parsed);
        for (int index = 0; index < 10; index++)
        {
            VerifyWitness(transaction, index, [.. psbt.Prevouts.Select(prevout => prevout!)], types[index]);
        }
    }

    [Fact]
    public void Inputs_are_sorted_into_to_sign_already_signed_and_foreign()
    {
        Psbt psbt = Spend([_group, _other, _group, _group], outputs: 1);
        KeyPathInput first = Find(psbt).ToSign[0];
        psbt = psbt.WithTapKeySignature(0, WholeKey.Sign(_secret, first.Steps, first.Sighash), first.SighashType);
        psbt = psbt.WithMaps(
            [.. psbt.Inputs.Select((map, index) => index == 3 ? map.With(InputKeyType.FinalScriptWitness, [1, 1, 0]) : map)], [.. psbt.Outputs]);
        KeyPathInputs found = Find(psbt);
        Assert.Equal([2], found.ToSign.Select(input => input.Index));
        Assert.Equal([0, 3], found.AlreadySigned);
        Assert.Equal([1], found.Foreign);
        Assert.Empty(found.Unknown);
    }

    [Fact]
    public void A_script_tree_changes_the_tweak_and_the_output_key()
    {
        Bytes32 root = Taproot.LeafHash(0xC0, Script.ParseHex("51"));
        Transaction unsigned = new(2, [new TxIn(new OutPoint(default, 0))], [new TxOut(1, Script.Empty)], 0);
        XOnlyPublicKey outputKey = Taproot.OutputKey(_group, root);
        Psbt psbt = Psbt.Create(unsigned, [new TxOut(10, Taproot.ScriptPubKey(outputKey))], [null]);
        Assert.Equal(RefusalCodes.PsbtForeignKey, RefusalOf(psbt));
        psbt = psbt.WithTapMerkleRoot(0, root);
        KeyPathInput input = Assert.Single(Find(psbt).ToSign);
        Assert.Equal((root, outputKey), (input.MerkleRoot!.Value, input.OutputKey));
        Assert.Equal([new KeyStep(Taproot.Tweak(_group, root), IsXOnly: true)], input.Steps);
        psbt = psbt.WithTapKeySignature(0, WholeKey.Sign(_secret, input.Steps, input.Sighash), input.SighashType);
        VerifyWitness(FinalizeAndExtract(psbt), 0, [psbt.Prevouts[0]!], SighashType.Default);
    }

    [Fact]
    public void A_psbt_of_another_key_is_refused() => Assert.Equal(RefusalCodes.PsbtForeignKey, RefusalOf(Spend([_other, _other], outputs: 1)));

    [Fact]
    public void A_psbt_without_inputs_is_refused() => Assert.Equal(RefusalCodes.PsbtForeignKey, RefusalOf(Spend([], outputs: 1)));

    [Fact]
    public void A_psbt_that_has_all_signatures_of_the_key_is_refused()
    {
        Psbt psbt = Spend([_group, _other], outputs: 1);
        KeyPathInput input = Assert.Single(Find(psbt).ToSign);
        psbt = psbt.WithTapKeySignature(0, WholeKey.Sign(_secret, input.Steps, input.Sighash), input.SighashType);
        Assert.Equal(RefusalCodes.PsbtAlreadySigned, RefusalOf(psbt));
    }

    [Fact]
    public void A_missing_utxo_is_refused_unless_no_hash_commits_to_it()
    {
        Psbt psbt = WithoutUtxo(Spend([_group, _group], outputs: 2), 1);
        Assert.Equal(RefusalCodes.PsbtMissingUtxo, RefusalOf(psbt));
        KeyPathInputs found = Find(psbt.WithSighashType(0, SighashType.AllAnyoneCanPay));
        Assert.Equal([0], found.ToSign.Select(input => input.Index));
        Assert.Equal([1], found.Unknown);
        Assert.Equal(RefusalCodes.PsbtMissingUtxo, RefusalOf(WithoutUtxo(psbt, 0)));
        Assert.False(psbt.TryComputeFee(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtMissingUtxo, refusal.Code);
    }

    [Fact]
    public void An_internal_key_that_does_not_lead_to_the_output_is_refused()
    {
        Psbt psbt = Spend([_group], outputs: 1);
        Assert.Equal(RefusalCodes.PsbtKeyContradiction, RefusalOf(psbt.WithTapMerkleRoot(0, default)));
        Transaction unsigned = psbt.UnsignedTransaction;
        Assert.Equal(RefusalCodes.PsbtKeyContradiction, RefusalOf(Psbt.Create(unsigned, [psbt.Prevouts[0]!], [_other])));
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(0x80u)]
    [InlineData(0x100u)]
    [InlineData(uint.MaxValue)]
    public void A_hash_type_that_taproot_lacks_is_refused(uint type)
    {
        Psbt psbt = Spend([_group], outputs: 1);
        psbt = psbt.WithMaps([psbt.Inputs[0].With(InputKeyType.SighashType, BitConverter.GetBytes(type))], [.. psbt.Outputs]);
        Assert.Equal(RefusalCodes.PsbtSighashTypeInvalid, RefusalOf(psbt));
    }

    [Fact]
    public void Single_without_its_output_is_refused() =>
        Assert.Equal(RefusalCodes.SighashSingleWithoutOutput, RefusalOf(Spend([_group, _group], outputs: 1).WithSighashType(1, SighashType.Single)));

    [Fact]
    public void A_wrong_signature_is_not_finalised()
    {
        Psbt psbt = Spend([_group, _group], outputs: 1);
        IReadOnlyList<KeyPathInput> inputs = Find(psbt).ToSign;
        Bytes64 first = WholeKey.Sign(_secret, inputs[0].Steps, inputs[0].Sighash);
        Psbt swapped = psbt.WithTapKeySignature(0, first, SighashType.Default).WithTapKeySignature(1, first, SighashType.Default);
        Assert.False(swapped.TryFinalize(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtInvalidSignature, refusal.Code);
        Assert.False(psbt.WithTapKeySignature(0, first, SighashType.Default).TryFinalize(out _, out refusal));
        Assert.Equal(RefusalCodes.PsbtNotSigned, refusal.Code);
        Assert.False(psbt.TryExtract(out _, out refusal));
        Assert.Equal(RefusalCodes.PsbtNotFinal, refusal.Code);
    }

    [Fact]
    public void A_signature_of_another_hash_type_than_demanded_is_neither_set_nor_finalised()
    {
        Psbt psbt = Spend([_group], outputs: 1).WithSighashType(0, SighashType.Single);
        Bytes64 signature = WholeKey.Sign(_secret, Find(psbt).ToSign[0].Steps, Find(psbt).ToSign[0].Sighash);
        Assert.Throws<ArgumentException>(() => psbt.WithTapKeySignature(0, signature, SighashType.All));
        Assert.Throws<ArgumentException>(() => psbt.WithTapKeySignature(0, signature, (SighashType)0x80));
        byte[][] wrong = [[.. signature.AsSpan()], [.. signature.AsSpan(), 0], [.. signature.AsSpan(), 1], [.. signature.AsSpan(), 0x80]];
        foreach (byte[] value in wrong)
        {
            Psbt changed = psbt.WithMaps([psbt.Inputs[0].With(InputKeyType.TapKeySignature, value)], [.. psbt.Outputs]);
            Assert.False(changed.TryFinalize(out _, out BitcoinRefusal? refusal));
            Assert.Equal(RefusalCodes.PsbtSighashTypeInvalid, refusal.Code);
        }
    }

    [Fact]
    public void A_signature_of_65_bytes_for_the_default_type_is_not_finalised()
    {
        Psbt psbt = Spend([_group], outputs: 1);
        KeyPathInput input = Assert.Single(Find(psbt).ToSign);
        byte[] value = [.. WholeKey.Sign(_secret, input.Steps, input.Sighash).AsSpan(), 0];
        psbt = psbt.WithMaps([psbt.Inputs[0].With(InputKeyType.TapKeySignature, value)], [.. psbt.Outputs]);
        Assert.False(psbt.TryFinalize(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtSighashTypeInvalid, refusal.Code);
    }

    [Fact]
    public void Finalising_keeps_utxos_and_unknown_pairs_and_removes_what_was_for_signing()
    {
        Bytes32 root = Taproot.LeafHash(0xC0, Script.ParseHex("51"));
        Psbt psbt = Psbt.Create(
            Spend([_group], outputs: 1).UnsignedTransaction, [new TxOut(5000, Taproot.ScriptPubKey(Taproot.OutputKey(_group, root)))], [_group]);
        psbt = psbt.WithSighashType(0, SighashType.All).WithTapMerkleRoot(0, root);
        psbt = psbt.WithMaps(
            [psbt.Inputs[0].With(0xF0, [7]).With(InputKeyType.RedeemScript, [1])],
            [psbt.Outputs[0].With(OutputKeyType.TapInternalKey, new byte[32]).With(OutputKeyType.TapBip32Derivation, [0]).With(0xF1, [8])]);
        KeyPathInput input = Assert.Single(Find(psbt).ToSign);
        Bytes64 signature = WholeKey.Sign(_secret, input.Steps, input.Sighash);
        psbt = psbt.WithTapKeySignature(0, signature, input.SighashType);
        Assert.True(psbt.TryFinalize(out Psbt? final, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal([InputKeyType.WitnessUtxo, InputKeyType.FinalScriptWitness, 0xF0UL], final.Inputs[0].Entries.Select(entry => entry.Type));
        Assert.Equal([OutputKeyType.TapInternalKey, 0xF1UL], final.Outputs[0].Entries.Select(entry => entry.Type));
        Assert.True(final.IsFinal(0));
        Assert.True(final.TryFinalize(out Psbt? again, out _));
        Assert.Equal(final, again);
        Assert.Throws<InvalidOperationException>(() => final.WithTapKeySignature(0, signature, SighashType.All));
        Assert.Throws<ArgumentOutOfRangeException>(() => final.IsFinal(1));
    }

    [Fact]
    public void The_fee_is_what_the_outputs_leave()
    {
        Psbt psbt = Spend([_group, _other], outputs: 3);
        Assert.True(psbt.TryComputeFee(out long feeSat, out _));
        Assert.Equal((100_000 + 100_001) - (1000 + 1001 + 1002), feeSat);
        Psbt overspent = Psbt.Create(
            new Transaction(2, [new TxIn(new OutPoint(default, 0))], [new TxOut(2, Script.Empty)], 0), [new TxOut(1, Script.Empty)], [null]);
        Assert.False(overspent.TryComputeFee(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtFeeNegative, refusal.Code);
    }

    [Fact]
    public void A_signed_transaction_or_wrong_counts_make_no_psbt()
    {
        Transaction signed = new(2, [new TxIn(new OutPoint(default, 0), Script.Empty, 0, Witness.FromItems([1]))], [], 0);
        Assert.Throws<ArgumentException>(() => Psbt.Create(signed, [new TxOut(1, Script.Empty)], [null]));
        Assert.Throws<ArgumentException>(() => Psbt.Create(new Transaction(2, [], [], 0), [new TxOut(1, Script.Empty)], [null]));
    }

    private static Psbt Spend(XOnlyPublicKey[] keys, int outputs)
    {
        Transaction unsigned = new(
            2,
            keys.Select((_, index) => new TxIn(new OutPoint(new Txid(FixedBytes.From<Bytes32>(Enumerable.Repeat((byte)index, 32).ToArray())), (uint)index))),
            Enumerable.Range(0, outputs).Select(index => new TxOut(1000 + index, Taproot.ScriptPubKey(_other))),
            lockTime: 500_000);
        TxOut[] prevouts = [.. keys.Select((key, index) => new TxOut(100_000 + index, Taproot.ScriptPubKey(Taproot.OutputKey(key, merkleRoot: null))))];
        Psbt psbt = Psbt.Create(unsigned, prevouts, [.. keys.Select(key => (XOnlyPublicKey?)key)]);
        Assert.True(Psbt.TryParse(psbt.ToBytes(), out Psbt? parsed, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal(psbt, parsed);
        return parsed;
    }

    private static Psbt WithoutUtxo(Psbt psbt, int input)
    {
        PsbtMap[] inputs = [.. psbt.Inputs];
        inputs[input] = inputs[input].Where(type => type != InputKeyType.WitnessUtxo);
        Assert.True(Psbt.TryParse(psbt.WithMaps(inputs, [.. psbt.Outputs]).ToBytes(), out Psbt? without, out _));
        return without;
    }

    private static KeyPathInputs Find(Psbt psbt)
    {
        Assert.True(psbt.TryFindKeyPathInputs(_group, out KeyPathInputs? found, out BitcoinRefusal? refusal), refusal?.ToString());
        return found;
    }

    private static string RefusalOf(Psbt psbt)
    {
        Assert.False(psbt.TryFindKeyPathInputs(_group, out _, out BitcoinRefusal? refusal));
        return refusal.Code;
    }

    private static Transaction FinalizeAndExtract(Psbt psbt)
    {
        Assert.True(psbt.TryFinalize(out Psbt? finalized, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.True(finalized.TryExtract(out Transaction? transaction, out refusal), refusal?.ToString());
        return transaction;
    }

    private static void VerifyWitness(Transaction transaction, int index, TxOut[] prevouts, SighashType type)
    {
        Assert.Equal(1, transaction.Inputs[index].Witness.Count);
        byte[] item = transaction.Inputs[index].Witness[0].ToArray();
        Assert.Equal(type == SighashType.Default ? 64 : 65, item.Length);
        Assert.True(type == SighashType.Default || item[64] == (byte)type);
        Assert.True(prevouts[index].ScriptPubKey.TryGetTaprootProgram(out Bytes32 program));
        byte[] sighash = SighashTwin.Compute(transaction, index, prevouts, (byte)type, annex: []);
        Assert.True(Bip340.Verify(XOnlyPublicKey.Parse(program.AsSpan()), sighash, FixedBytes.From<Bytes64>(item.AsSpan(0, 64))));
    }
}
