using System.Text;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Verbs.Demo;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class SignTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task A_bare_message_gets_a_signature_that_verifies_and_the_same_session_gives_it_again()
    {
        JsonElement signed = (await data.SignMessageAsync("bare")).Done();
        XOnlyPublicKey outputKey = Taproot.OutputKey(data.Key, merkleRoot: null);
        Assert.Equal(
            ["session", "group", "outputKey", "message", "signature", "attempts", "elapsedMs"], signed.EnumerateObject().Select(static field => field.Name));
        Assert.Equal("bare", signed.GetProperty("session").GetString());
        Assert.Equal(data.Group, signed.GetProperty("group").GetString());
        Assert.Equal(outputKey.ToString(), signed.GetProperty("outputKey").GetString());
        Assert.Equal(DataFixture.Message, signed.GetProperty("message").GetString());
        Bytes64 signature = FixedBytes.ParseHex<Bytes64>(signed.GetProperty("signature").GetString());
        Assert.True(Bip340.Verify(outputKey, Convert.FromHexString(DataFixture.Message), signature));
        Assert.True(signed.GetProperty("attempts").GetInt32() >= 1);

        JsonElement again = (await data.SignMessageAsync("bare")).Done();
        Assert.Equal(signed.GetProperty("signature").GetString(), again.GetProperty("signature").GetString());
    }

    [Fact]
    public async Task A_psbt_is_signed_finished_and_written_in_the_form_in_which_it_came()
    {
        DemoPayment payment = data.Payment(inputs: 2);
        string binary = data.Write("two.psbt", payment.ToPsbt());
        string binaryOut = data.Write("two.signed", [1, 2, 3]);
        JsonElement signed = (await data.SignPsbtAsync(binary, "--session", "two", "--out", binaryOut)).Done();
        JsonElement[] inputs = [.. signed.GetProperty("inputs").EnumerateArray()];
        Assert.Equal([0, 1], inputs.Select(static input => input.GetProperty("input").GetInt32()));
        Assert.Equal(["two", "two"], inputs.Select(static input => input.GetProperty("session").GetString()));
        Assert.Equal(inputs[0].GetProperty("signature").GetString(), signed.GetProperty("signature").GetString());
        Assert.True(Transaction.TryParse(Convert.FromHexString(signed.GetProperty("transaction").GetString()!), out Transaction? transaction, out _));
        Assert.Null(payment.FindFault(transaction));
        Assert.Equal(signed.GetProperty("psbt").GetString(), Convert.ToBase64String(await File.ReadAllBytesAsync(binaryOut)));
        Assert.True(Psbt.TryParse(await File.ReadAllBytesAsync(binaryOut), out Psbt? final, out _) && final.TryExtract(out _, out _));

        string text = data.Write("two.b64", Encoding.ASCII.GetBytes(Convert.ToBase64String(payment.ToPsbt())));
        string textOut = data.PathOf("two.signed.b64");
        JsonElement again = (await data.SignPsbtAsync(text, "--session", "two", "--out", textOut)).Done();
        Assert.Equal(again.GetProperty("psbt").GetString(), (await File.ReadAllTextAsync(textOut)).TrimEnd());
        Assert.Equal(signed.GetProperty("signature").GetString(), again.GetProperty("signature").GetString());

        (await data.SignPsbtAsync(binaryOut)).Failed(1, "psbt_already_signed");
        JsonElement back = (await data.SignPsbtAsync(binaryOut, "--session", "two")).Done();
        Assert.Equal(signed.GetProperty("psbt").GetString(), back.GetProperty("psbt").GetString());
        (await data.SignMessageAsync("two")).Failed(1, "session_conflict");
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(binaryOut)!), static path => path.EndsWith(".tmp"));
    }

    [Fact]
    public async Task A_psbt_is_read_from_standard_input_and_the_result_for_people_has_the_transaction()
    {
        await using SignerProcess process = SignerProcess.Start(
            ["sign", "--group", data.Group, "--psbt", "-"], new Dictionary<string, string> { ["SIGNER_DATA"] = data.Data }, data.Payment(inputs: 1).ToPsbt());
        Ended ended = await process.WaitAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("transaction  02000000", ended.Out);
        Assert.StartsWith("payment      ", ended.Error);
    }

    [Fact]
    public async Task Bad_psbts_are_refused_with_their_own_codes()
    {
        byte[] good = data.Payment(inputs: 1).ToPsbt();
        (await data.SignPsbtAsync(data.Write("truncated", good[..^20]))).Failed(1, "psbt_truncated");
        (await data.SignPsbtAsync(data.Write("text", "hello"u8.ToArray()))).Failed(1, "psbt_not_a_psbt");
        byte[] foreign = new DemoPayment(Point.Generator.XOnly, inputs: 1, scriptedInput: null).ToPsbt();
        (await data.SignPsbtAsync(data.Write("foreign", foreign))).Failed(1, "psbt_foreign_key");
        (await data.SignPsbtAsync(data.PathOf("absent"))).Failed(2, "psbt_unreadable");
    }

    [Fact]
    public async Task A_fee_above_the_ceiling_is_refused_until_a_higher_one_is_asked_for()
    {
        string payment = data.Write("dear", data.Payment(inputs: 1).ToPsbt());
        string[] sign = ["sign", "--data", data.Data, "--group", data.Group, "--psbt", payment, "--json"];
        JsonElement error = (await SignerProcess.RunAsync([.. sign, "--maximum-fee", "999"])).Failed(1, "psbt_fee_too_high");
        Assert.Contains("--maximum-fee", error.GetProperty("message").GetString());
        (await SignerProcess.RunAsync([.. sign, "--maximum-fee-rate", "1"])).Failed(1, "psbt_fee_rate_too_high");
        (await SignerProcess.RunAsync([.. sign, "--maximum-fee", "-1"])).Failed(2, "fee_ceiling_out_of_range");
        (await SignerProcess.RunAsync("sign", "--url", "http://127.0.0.1:1", "--group", data.Group, "--psbt", payment, "--maximum-fee", "1", "--json"))
            .Failed(2, "fee_ceiling_with_url");
        (await SignerProcess.RunAsync([.. sign, "--maximum-fee", "1000"])).Done();
    }

    [Fact]
    public async Task Bad_arguments_name_the_key_and_the_rule()
    {
        string[] sign = ["sign", "--data", data.Data, "--json"];
        JsonElement error = (await SignerProcess.RunAsync([.. sign, "--group", data.Group, "--message", "abc"])).Failed(2, "message_malformed");
        Assert.Contains("--message: 64 hex digits", error.GetProperty("message").GetString());
        (await SignerProcess.RunAsync([.. sign, "--group", data.Group, "--message", new string('g', 64)])).Failed(2, "message_malformed");
        (await SignerProcess.RunAsync([.. sign, "--group", "12", "--message", DataFixture.Message])).Failed(2, "group_malformed");
        (await SignerProcess.RunAsync([.. sign, "--group", data.Group])).Failed(2, "payload_required");
        (await SignerProcess.RunAsync([.. sign, "--group", data.Group, "--message", DataFixture.Message, "--session", "two words"]))
            .Failed(2, "session_malformed");
        (await SignerProcess.RunAsync([.. sign, "--grupo", data.Group])).Failed(2, "usage");
        (await SignerProcess.RunAsync("sign", "--json", "--group", data.Group, "--message", DataFixture.Message)).Failed(2, "data_required");
    }

    [Fact]
    public async Task What_is_not_allowed_or_not_known_is_refused()
    {
        string[] sign = ["sign", "--data", data.Data, "--json", "--message", DataFixture.Message];
        JsonElement error = (await SignerProcess.RunAsync([.. sign, "--group", data.Group])).Failed(1, "raw_message_not_allowed");
        Assert.Equal("terminal", error.GetProperty("class").GetString());
        string stranger = Point.Generator.XOnly.ToString();
        error = (await SignerProcess.RunAsync([.. sign, "--group", stranger, "--allow-raw"])).Failed(1, "unknown_group");
        Assert.Equal(stranger, error.GetProperty("evidence").GetProperty("group").GetString());

        Ended plain = await SignerProcess.RunAsync("sign", "--data", data.Data, "--message", DataFixture.Message, "--group", data.Group);
        Assert.Equal(1, plain.ExitCode);
        Assert.Empty(plain.Out);
        Assert.StartsWith("raw_message_not_allowed (terminal): ", plain.Error);
        Assert.DoesNotContain('\u001b', plain.Error);
    }

    [Fact]
    public async Task D7_a_request_that_times_out_says_how_to_continue_and_the_same_session_finishes_later()
    {
        using (data.WithoutSeats(0, 1))
        {
            JsonElement error = (await data.SignMessageAsync("slow", "--timeout", "0.5")).Failed(3, "timed_out");
            string resume = error.GetProperty("evidence").GetProperty("resume").GetString()!;
            Assert.Equal($"signer sign --data {data.Data} --group {data.Group} --message {DataFixture.Message} --allow-raw --session slow", resume);
        }

        (await data.SignMessageAsync("slow")).Done();
        JsonElement shown = (await SignerProcess.RunAsync("session", "show", "slow", "--data", data.Data, "--json")).Done();
        Assert.Equal("completed", shown.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Interrupting_a_request_ends_it_as_unavailable_with_the_way_to_continue()
    {
        using (data.WithoutSeats(1, 2))
        {
            await using SignerProcess process = SignerProcess.Start(
                ["sign", "--data", data.Data, "--group", data.Group, "--message", DataFixture.Message, "--allow-raw", "--session", "cut", "--json"]);
            await data.WaitForSessionAsync("cut");
            JsonElement error = (await process.StopAsync("INT")).Failed(3, "interrupted");
            Assert.EndsWith("--session cut", error.GetProperty("evidence").GetProperty("resume").GetString());
        }

        JsonElement shown = (await SignerProcess.RunAsync("session", "show", "cut", "--data", data.Data, "--json")).Done();
        Assert.Equal("running", shown.GetProperty("state").GetString());
        (await data.SignMessageAsync("cut")).Done();
    }
}
