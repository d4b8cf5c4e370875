using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>A caller's file, signed: nothing of it changes that signing does not change.</summary>
public sealed class PaymentSigningTests
{
    private static readonly NBitcoin.Key _stranger = new(Convert.FromHexString("1e4da49f6aaf4e5cd175fe08a32bb5cb4863d963921255f33d3bc31e1343907f"));
    private static readonly Script _strangers = Script.From(_stranger.PubKey.WitHash.ScriptPubKey.ToBytes());

    public static TheoryData<int> Versions => [0, 2];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Without_the_new_signatures_a_partly_signed_file_is_the_callers_byte_for_byte(int version)
    {
        Psbt psbt = InVersion(version, Payments.Spending(2, Payments.InputSat, _strangers));
        SignedPsbt signed = Payments.Complete(psbt);
        Assert.Null(signed.Transaction);
        Assert.Equal(version, signed.Psbt.Version);
        Assert.Equal([0, 1], signed.Psbt.Inputs.Select(static (map, index) => map.HasTapKeySignature() ? index : -1).Where(static index => index >= 0));
        Psbt stripped = signed.Psbt.WithMaps(
            [.. signed.Psbt.Inputs.Select(static map => map.Where(static type => type != InputKeyType.TapKeySignature))], [.. signed.Psbt.Outputs]);
        Assert.Equal(psbt.ToBytes(), stripped.ToBytes());
        Assert.Equal(psbt.Id, stripped.Id);
        Assert.NotEqual(psbt.Id, signed.Psbt.Id);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void With_all_signatures_the_file_is_final_in_its_version_and_its_transaction_is_valid(int version)
    {
        Psbt psbt = InVersion(version, Payments.Spending(2, Payments.InputSat));
        SignedPsbt signed = Payments.Complete(psbt);
        Assert.Equal(psbt.UnsignedTransaction.Txid, signed.Transaction!.Txid);
        Assert.True(Psbt.TryParse(signed.Psbt.ToBytes(), out Psbt? again, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal(version, again.Version);
        Assert.True(again.TryExtract(out Transaction? extracted, out refusal), refusal?.ToString());
        Assert.Equal(signed.Transaction, extracted);
        Assert.Equal(RefusalCodes.PsbtAlreadySigned, Payments.RefusalOf(again).Code);
    }

    [Theory]
    [InlineData(SighashType.Default, 0b000)]
    [InlineData(SighashType.None, 0b010)]
    [InlineData(SighashType.Single, 0b100)]
    [InlineData(SighashType.AllAnyoneCanPay, 0b001)]
    [InlineData(SighashType.NoneAnyoneCanPay, 0b011)]
    [InlineData(SighashType.SingleAnyoneCanPay, 0b101)]
    public void A_signer_of_version_2_says_what_may_still_be_changed(SighashType type, byte expected)
    {
        Psbt psbt = Payments.ToVersion2(Payments.Spending(1, Payments.InputSat, _strangers).WithSighashType(0, type), modifiable: 0b011);
        byte[] key = [1, (byte)GlobalKeyType.TransactionModifiable, 1];
        byte[] before = psbt.ToBytes();
        byte[] after = Payments.Complete(psbt).Psbt.ToBytes();
        Assert.Equal((0b011, expected), (before[before.AsSpan().IndexOf(key) + 3], after[after.AsSpan().IndexOf(key) + 3]));
    }

    [Fact]
    public void A_signature_that_does_not_verify_is_never_added()
    {
        Psbt psbt = Payments.Spending(2, Payments.InputSat);
        IReadOnlyList<KeyPathInput> inputs = Payments.Accept(psbt).ToSign;
        Assert.False(psbt.TrySign([(inputs[0], Payments.Sign(inputs[0])), (inputs[1], Payments.Sign(inputs[0]))], out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtInvalidSignature, refusal.Code);
        Assert.Contains("input 1", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_foreign_wallets_final_input_is_judged_and_completes_the_transaction(int version)
    {
        Psbt psbt = InVersion(version, SignedByTheStranger(Payments.Spending(1, Payments.InputSat, _strangers)));
        SignedPsbt signed = Payments.Complete(psbt);
        Assert.Equal([1, 2], signed.Transaction!.Inputs.Select(static input => input.Witness.Count));

        // A byte of the foreign signature, in the middle of its r.
        byte[] forged = psbt.ToBytes();
        Assert.True(psbt.Inputs[1].TryGet(InputKeyType.FinalScriptWitness, out ReadOnlySpan<byte> witness));
        forged[forged.AsSpan().IndexOf(witness) + 20] ^= 1;
        Assert.True(Psbt.TryParse(forged, out Psbt? wrong, out _));
        BitcoinRefusal refusal = Payments.RefusalOf(wrong);
        Assert.Equal(RefusalCodes.PsbtInvalidSignature, refusal.Code);
        Assert.Contains("input 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_signature_that_cannot_be_judged_makes_no_transaction()
    {
        Psbt psbt = SignedByTheStranger(Payments.Spending(1, Payments.InputSat, _strangers)).WithSighashType(0, SighashType.AllAnyoneCanPay);
        PsbtMap blind = psbt.Inputs[1].Where(static type => type is not (InputKeyType.WitnessUtxo or InputKeyType.NonWitnessUtxo));
        Assert.True(Psbt.TryParse(psbt.WithMaps([psbt.Inputs[0], blind], [.. psbt.Outputs]).ToBytes(), out Psbt? unknown, out _));
        SignedPsbt signed = Payments.Complete(unknown);
        Assert.Null(signed.Transaction);
        Assert.False(signed.Psbt.TryExtract(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtMissingUtxo, refusal.Code);
    }

    private static Psbt InVersion(int version, Psbt psbt) => version == 2 ? Payments.ToVersion2(psbt) : psbt;

    // As a wallet of NBitcoin signs and finalises what is its own.
    private static Psbt SignedByTheStranger(Psbt psbt)
    {
        NBitcoin.Transaction transaction = NBitcoin.Transaction.Load(psbt.UnsignedTransaction.ToBytesWithoutWitness(), NBitcoin.Network.Main);
        int last = psbt.Inputs.Count - 1;
        NBitcoin.TxOut spent = new(NBitcoin.Money.Satoshis(Payments.InputSat), _stranger.PubKey.WitHash.ScriptPubKey);
        transaction.Sign(_stranger.GetBitcoinSecret(NBitcoin.Network.Main), new NBitcoin.Coin(transaction.Inputs[last].PrevOut, spent));
        PsbtMap[] inputs = [.. psbt.Inputs];
        inputs[last] = inputs[last].With(InputKeyType.FinalScriptWitness, transaction.Inputs[last].WitScript.ToBytes());
        return psbt.WithMaps(inputs, [.. psbt.Outputs]);
    }
}
