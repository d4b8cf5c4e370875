using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>Only what the network would take, at a price that was meant.</summary>
public sealed class PaymentTests
{
    [Theory]
    [InlineData("F5", RefusalCodes.PsbtInvalidSignature, "input 0")]
    [InlineData("F6", RefusalCodes.PsbtInvalidSignature, "input 0")]
    [InlineData("F7a", RefusalCodes.PsbtFeeNegative, "Inputs of 100000 sat cannot pay 200000 sat")]
    [InlineData("F7b", RefusalCodes.PsbtDuplicateOutPoint, "Inputs 0 and 1")]
    public void A_payment_that_was_answered_wrongly_once_is_refused_by_every_participant(string id, string code, string named)
    {
        string group = VectorFile.Read("cases", "psbt.json").Text("scriptPubKey");
        string hex = Convert.ToHexStringLower(Convert.FromBase64String(Case(id).Text("psbt"))).Replace(group, Payments.Script.ToString(), StringComparison.Ordinal);
        // The file has 67 of the 64 bytes of 01 that its text speaks of, and so the files of F5 and F6 do not parse as they stand.
        hex = hex.Replace(Ones(67), Ones(64), StringComparison.Ordinal);
        Assert.True(Psbt.TryParse(Convert.FromHexString(hex), out Psbt? psbt, out _));
        BitcoinRefusal refusal = Payments.RefusalOf(psbt);
        Assert.Equal(code, refusal.Code);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_final_witness_that_the_interpreter_refuses_makes_no_transaction()
    {
        Assert.True(Psbt.TryLoad(System.Text.Encoding.ASCII.GetBytes(Case("F5b").Text("psbt")), out Psbt? psbt, out _));
        Assert.True(psbt.IsFinal(0));
        Assert.False(psbt.TryExtract(out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtInvalidSignature, refusal.Code);
    }

    [Fact]
    public void P4_A_transaction_that_no_block_has_room_for_is_refused()
    {
        TxOut[] outputs = [.. Enumerable.Repeat(new TxOut(330, Payments.Script), 23_500)];
        Transaction unsigned = new(2, [new TxIn(Payments.Spent(0))], outputs, 0);
        Psbt psbt = Psbt.Create(unsigned, [new TxOut(10_000_000, Payments.Script)], [null]);
        Assert.Equal(RefusalCodes.TransactionTooLarge, Payments.RefusalOf(psbt).Code);
    }

    /// <summary>Whoever asks for a signature can make such scripts by the thousand, without any work.</summary>
    [Fact]
    public void Final_scripts_of_others_with_more_signature_operations_than_nodes_pass_on_are_refused_before_one_is_carried_out()
    {
        // OP_16 OP_CHECKMULTISIG counts as 16.
        byte[] script = [.. Enumerable.Repeat((byte[])[0x60, 0xae], 1_001).SelectMany(static pair => pair)];
        Script spent = Script.From(new NBitcoin.Script(script).WitHash.ScriptPubKey.ToBytes());
        Psbt psbt = Payments.Spending(1, Payments.InputSat, spent);
        PsbtMap final = psbt.Inputs[1].With(InputKeyType.FinalScriptWitness, new NBitcoin.WitScript(new[] { script }).ToBytes());
        psbt = psbt.WithMaps([psbt.Inputs[0], final], [.. psbt.Outputs]);
        Assert.Equal(RefusalCodes.PsbtTooManySigOps, Payments.RefusalOf(psbt).Code);
    }

    [Fact]
    public void A_payment_that_is_none_of_the_groups_is_refused_before_any_script_of_others_is_run()
    {
        Script spent = Script.From(new NBitcoin.Script([0x6a]).WitHash.ScriptPubKey.ToBytes());
        Psbt psbt = Payments.Spending(0, Payments.InputSat - 1_000, spent);
        PsbtMap final = psbt.Inputs[0].With(InputKeyType.FinalScriptWitness, new NBitcoin.WitScript(new[] { new byte[] { 0x6a } }).ToBytes());
        Assert.Equal(RefusalCodes.PsbtForeignKey, Payments.RefusalOf(psbt.WithMaps([final], [.. psbt.Outputs])).Code);
    }

    [Fact]
    public void A_transaction_without_inputs_or_outputs_or_with_the_null_outpoint_is_refused()
    {
        TxOut prevout = new(Payments.InputSat, Payments.Script);
        TxIn coinbase = new(new OutPoint(default, uint.MaxValue));
        foreach ((Transaction unsigned, string code) in ((Transaction, string)[])
            [(new Transaction(2, [], [prevout], 0), RefusalCodes.PsbtNoInputs),
             (new Transaction(2, [new TxIn(Payments.Spent(0))], [], 0), RefusalCodes.PsbtNoOutputs),
             (new Transaction(2, [coinbase], [prevout], 0), RefusalCodes.PsbtNullOutPoint)])
        {
            TxOut[] prevouts = [.. unsigned.Inputs.Select(_ => prevout)];
            Assert.Equal(code, Payments.RefusalOf(Psbt.Create(unsigned, prevouts, new Secp256k1.XOnlyPublicKey?[prevouts.Length])).Code);
        }
    }

    [Fact]
    public void Inputs_that_bring_more_than_there_is_are_refused()
    {
        TxOut[] prevouts = [new(TxOut.MaximumAmountSat, Payments.Script), new(1, Payments.Script)];
        Transaction unsigned = new(2, [new TxIn(Payments.Spent(0)), new TxIn(Payments.Spent(1))], [new TxOut(1, Payments.Script)], 0);
        Assert.Equal(RefusalCodes.TransactionAmountOutOfRange, Payments.RefusalOf(Psbt.Create(unsigned, prevouts, [null, null])).Code);
    }

    [Theory]
    [InlineData(SighashType.Default, false)]
    [InlineData(SighashType.All, false)]
    [InlineData(SighashType.Single, true)]
    [InlineData(SighashType.None, true)]
    [InlineData(SighashType.AllAnyoneCanPay, true)]
    [InlineData(SighashType.SingleAnyoneCanPay, true)]
    public void Outputs_above_the_inputs_are_lawful_only_while_others_can_still_change_them(SighashType type, bool isLawful)
    {
        Psbt psbt = Payments.Spending(1, Payments.InputSat + 1).WithSighashType(0, type);
        Assert.Equal(isLawful, psbt.TryAccept(Payments.Group, PaymentLimits.Default, out _, out BitcoinRefusal? refusal));
        Assert.Equal(isLawful ? null : RefusalCodes.PsbtFeeNegative, refusal?.Code);
    }

    [Fact]
    public void One_input_that_signs_everything_makes_the_fee_of_all_final()
    {
        Psbt psbt = Payments.Spending(2, (2 * Payments.InputSat) + 1).WithSighashType(0, SighashType.AllAnyoneCanPay);
        Assert.Equal(RefusalCodes.PsbtFeeNegative, Payments.RefusalOf(psbt).Code);
        Payments.Accept(psbt.WithSighashType(1, SighashType.AllAnyoneCanPay));
    }

    [Fact]
    public void P1_A_payment_may_have_as_many_inputs_as_the_limit_and_not_one_more()
    {
        Psbt psbt = Payments.Spending(3, (3 * Payments.InputSat) - 1_000);
        Assert.True(psbt.TryAccept(Payments.Group, PaymentLimits.Default with { MaximumInputs = 3 }, out _, out _));
        Assert.Equal(RefusalCodes.PsbtTooManyInputs, Payments.RefusalOf(psbt, PaymentLimits.Default with { MaximumInputs = 2 }).Code);
    }

    [Fact]
    public void A_fee_may_reach_its_ceilings_and_not_pass_them()
    {
        Psbt psbt = Payments.Spending(1, Payments.InputSat - 1_110);
        Assert.Equal(111, psbt.VirtualSize);
        Assert.True(psbt.TryAccept(Payments.Group, new PaymentLimits(1_110, 10, 10), out _, out _));
        BitcoinRefusal refusal = Payments.RefusalOf(psbt, new PaymentLimits(1_109, 10, 10));
        Assert.Equal((RefusalCodes.PsbtFeeTooHigh, "The fee is 1110 sat, and the limit is 1109 sat."), (refusal.Code, refusal.Message));
        Assert.Equal(RefusalCodes.PsbtFeeRateTooHigh, Payments.RefusalOf(psbt, new PaymentLimits(1_110, 9, 10)).Code);
        Assert.Equal(RefusalCodes.PsbtFeeRateTooHigh, Payments.RefusalOf(Payments.Spending(2, 1)).Code);
        Assert.Equal(RefusalCodes.PsbtFeeRateTooHigh, Payments.RefusalOf(Payments.Spending(2, 1).WithSighashType(0, SighashType.AllAnyoneCanPay)).Code);
    }

    [Theory]
    [InlineData(SighashType.Default)]
    [InlineData(SighashType.All)]
    public void The_size_that_is_foreseen_is_the_size_of_the_finished_transaction(SighashType type)
    {
        Psbt psbt = Payments.Spending(3, Payments.InputSat);
        psbt = Enumerable.Range(0, 3).Aggregate(psbt, (current, input) => current.WithSighashType(input, type));
        Psbt version2 = Payments.ToVersion2(psbt);
        foreach (Psbt payment in (Psbt[])[psbt, version2])
        {
            SignedPsbt signed = Payments.Complete(payment);
            int size = NBitcoin.Transaction.Load(signed.Transaction!.ToBytes(), NBitcoin.Network.Main).GetVirtualSize();
            Assert.Equal((size, size), (payment.VirtualSize, signed.Psbt.VirtualSize));
        }
    }

    [Fact]
    public void Memory_grows_with_the_inputs_and_not_with_their_square()
    {
        Assert.InRange(AllocatedPerInput(5_000), 0, 1.2 * AllocatedPerInput(100));

        static double AllocatedPerInput(int inputs)
        {
            TxOut[] prevouts = [.. Enumerable.Repeat(new TxOut(Payments.InputSat, Payments.Script), inputs)];
            IEnumerable<TxIn> spends = prevouts.Select(static (_, input) => new TxIn(new OutPoint(default, (uint)input)));
            Transaction unsigned = new(2, spends, [new TxOut((inputs * Payments.InputSat) - 1, Payments.Script)], 0);
            byte[] file = Psbt.Create(unsigned, prevouts, new Secp256k1.XOnlyPublicKey?[inputs]).ToBytes();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(Psbt.TryLoad(file, out Psbt? psbt, out _));
            Assert.Equal(inputs, Payments.Accept(psbt).ToSign.Count);
            return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / inputs;
        }
    }

    private static string Ones(int count) => string.Concat(Enumerable.Repeat("01", count));

    private static JsonElement Case(string id) =>
        VectorFile.Read("cases", "psbt.json").GetProperty("cases").EnumerateArray().Single(vector => vector.Text("id") == id);
}
