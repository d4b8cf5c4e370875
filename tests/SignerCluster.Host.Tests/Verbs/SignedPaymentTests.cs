using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>F19: who signs a payment is told what it pays, before and after.</summary>
public sealed class SignedPaymentTests(DataFixture data) : IClassFixture<DataFixture>
{
    private const string Recipient = "0014751e76e8199196d454941c45d1b3a323f1433bd6";

    [Fact]
    public async Task F19_The_result_names_recipients_change_fee_and_what_is_still_unsigned()
    {
        Psbt psbt = Payment(ofOthers: 1);
        string target = data.PathOf("paid.psbt");
        JsonElement signed = (await data.SignPsbtAsync(data.Write("pays", psbt.ToBytes()), "--network", "signet", "--out", target)).Done();
        JsonElement payment = signed.GetProperty("payment");
        Assert.Equal(psbt.UnsignedTransaction.Txid.ToString(), payment.GetProperty("txid").GetString());
        Assert.Equal(2, payment.GetProperty("inputs").GetInt32());
        JsonElement[] outputs = [.. payment.GetProperty("outputs").EnumerateArray()];
        Assert.Equal([100, 90_000, 0], outputs.Select(static output => output.GetProperty("amountSat").GetInt64()));
        Assert.Equal([false, true, false], outputs.Select(static output => output.GetProperty("isChange").GetBoolean()));
        Assert.Equal("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", outputs[0].GetProperty("address").GetString());
        Assert.StartsWith("tb1p", outputs[1].GetProperty("address").GetString());
        Assert.Equal("6a0101", outputs[2].GetProperty("script").GetString());
        Assert.False(outputs[2].TryGetProperty("address", out _));
        Assert.Equal(9_900, payment.GetProperty("feeSat").GetInt64());
        Assert.Equal(psbt.VirtualSize, payment.GetProperty("virtualSize").GetInt64());
        Assert.Equal(Math.Round(9_900d / psbt.VirtualSize, 2), payment.GetProperty("feeRate").GetDouble());
        Assert.Equal(1, Assert.Single(payment.GetProperty("unsignedInputs").EnumerateArray()).GetInt32());
        Assert.Contains("294", Assert.Single(payment.GetProperty("warnings").EnumerateArray()).GetString());
        Assert.Equal(target, signed.GetProperty("out").GetString());
    }

    [Fact]
    public async Task F19_A_person_reads_it_before_the_signature_and_after()
    {
        string file = data.Write("read", Payment(ofOthers: 0).ToBytes());
        Ended ended = await SignerProcess.RunAsync("sign", "--data", data.Data, "--group", data.Group, "--psbt", file);
        Assert.Equal(0, ended.ExitCode);
        Assert.All([ended.Error, ended.Out], static text =>
        {
            Assert.Contains("pays         0.00000100 BTC to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", text);
            Assert.Matches("change       0.00090000 BTC to bc1p[a-z0-9]{58} \\(the group\\)", text);
            Assert.Contains("pays         0.00000000 BTC to the script 6a0101", text);
            Assert.Matches("fee          0.00009900 BTC, [0-9.]+ sat/vB for [0-9]+ vB", text);
        });
        Assert.Contains("unsigned     0 of 1 input", ended.Error);
        Assert.Contains("unsigned     none of 1 input", ended.Out);
    }

    [Fact]
    public async Task F19_A_signature_that_leaves_the_payment_open_is_said()
    {
        Psbt psbt = Payment(ofOthers: 1).WithSighashType(0, SighashType.AllAnyoneCanPay);
        string file = data.Write("open", psbt.ToBytes());
        JsonElement payment = (await data.SignPsbtAsync(file, "--allow-partial-sighash")).Done().GetProperty("payment");
        Assert.Contains(payment.GetProperty("warnings").EnumerateArray(), static warning => warning.GetString()!.Contains("open to change"));
    }

    [Fact]
    public async Task F18_The_signed_psbt_goes_to_standard_output_in_the_form_in_which_it_came()
    {
        byte[] binary = Payment(ofOthers: 0).ToBytes();
        string file = data.Write("text", System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(binary)));
        Ended ended = await SignerProcess.RunAsync("sign", "--data", data.Data, "--group", data.Group, "--psbt", file, "--out", "-");
        Assert.Equal(0, ended.ExitCode);
        Assert.True(Psbt.TryParse(Convert.FromBase64String(ended.Out), out Psbt? signed, out _) && signed.TryExtract(out _, out _));
        Assert.Contains("transaction  ", ended.Error);
        (await data.SignPsbtAsync(file, "--out", "-")).Failed(2, "out_with_json");
    }

    /// <summary>Pays 100 sat to somebody, 90,000 back, and leaves a byte of text.</summary>
    private Psbt Payment(int ofOthers)
    {
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(data.Key, merkleRoot: null));
        Script others = Taproot.ScriptPubKey(Point.Generator.XOnly);
        Txid spent = new(FixedBytes.ParseHex<Bytes32>(new string('5', 64)));
        TxIn[] inputs = [.. Enumerable.Range(0, 1 + ofOthers).Select(index => new TxIn(new OutPoint(spent, (uint)index)))];
        long ownSat = 100_000 - (ofOthers * 50_000);
        TxOut[] prevouts = [new TxOut(ownSat, own), .. Enumerable.Repeat(new TxOut(50_000, others), ofOthers)];
        Transaction unsigned = new(
            2, inputs, [new TxOut(100, Script.ParseHex(Recipient)), new TxOut(90_000, own), new TxOut(0, Script.ParseHex("6a0101"))], lockTime: 0);
        return Psbt.Create(unsigned, prevouts, [data.Key, .. Enumerable.Repeat((XOnlyPublicKey?)null, ofOthers)]);
    }
}
