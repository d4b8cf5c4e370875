using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>What an operator lets be paid, as the command line shows and holds it.</summary>
public sealed class PolicyTests(DataFixture data) : IClassFixture<DataFixture>
{
    private static readonly Script _payee = Script.ParseHex("0014751e76e8199196d454941c45d1b3a323f1433bd6");
    private static readonly string _address = OutputAddress.Of(Network.Regtest, _payee)!;

    [Fact]
    public async Task Check_says_all_that_would_be_refused_with_numbers_and_signs_nothing()
    {
        string payment = Pay("checked.psbt");
        string strict = Policy(
            "strict.json", $$""" "deny": ["{{_address}}"], "maximumPaymentSat": 30999, "window": { "from": "08:00", "to": "18:00" } """);
        string[] check = ["policy", "check", "--psbt", payment, "--json"];
        Ended refused = await SignerProcess.RunAsync([.. check, "--policy", strict, "--at", "2026-01-31T18:00Z"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(
            ["policy_output_denied", "policy_outside_window", "policy_payment_above_limit"],
            refused.Json().GetProperty("findings").EnumerateArray().Select(static finding => finding.GetProperty("code").GetString()));
        JsonElement finding = refused.Json().GetProperty("findings")[2];
        Assert.Equal(("31000", "30999"), (Evidence(finding, "needed"), Evidence(finding, "available")));
        Assert.Equal(_address, Evidence(refused.Json().GetProperty("findings")[0], "to"));
        Assert.Equal(("2026-01-31T18:00:00Z", data.Group), (Text(refused.Json(), "at"), Text(refused.Json(), "group")));

        string day = Policy("day.json", """ "maximumDaySat": 31000 """);
        Assert.Contains("policy_spent_unknown", (await SignerProcess.RunAsync([.. check, "--policy", day])).Out);
        Assert.Contains("policy_day_above_limit", (await SignerProcess.RunAsync([.. check, "--policy", day, "--spent", "1"])).Out);
        JsonElement nothing = (await SignerProcess.RunAsync([.. check, "--policy", day, "--spent", "0", "--network", "regtest"])).Done();
        Assert.Equal((false, 31_000), (nothing.GetProperty("refused").GetBoolean(), nothing.GetProperty("outflowSat").GetInt64()));
        Assert.Equal(_address, nothing.GetProperty("payment").GetProperty("outputs")[0].GetProperty("address").GetString());

        Ended people = await SignerProcess.RunAsync("policy", "check", "--psbt", payment, "--policy", strict, "--at", "2026-01-31T08:00:00Z");
        Assert.Equal(1, people.ExitCode);
        Assert.Contains("refused      policy_output_denied: Output 0 pays to " + _address, people.Out);
    }

    [Fact]
    public async Task Check_tells_what_every_participant_would_refuse_before_what_the_policy_would()
    {
        string policy = Policy("all.json", """ "maximumFeeRate": 0 """);
        string[] check = ["policy", "check", "--policy", policy, "--json"];
        Ended dear = await SignerProcess.RunAsync([.. check, "--psbt", Pay("dear.psbt", amountSat: 1_100_000_000, paidSat: 1_000_000_000)]);
        Assert.Equal(
            ["psbt_fee_too_high", "policy_fee_rate_above_limit"],
            dear.Json().GetProperty("findings").EnumerateArray().Select(static finding => finding.GetProperty("code").GetString()));
        Assert.Contains("psbt_not_a_psbt", (await SignerProcess.RunAsync([.. check, "--psbt", data.Write("text.psbt", "hello"u8.ToArray())])).Out);
    }

    [Fact]
    public async Task What_cannot_be_checked_is_a_wrong_command_line()
    {
        string payment = Pay("usage.psbt");
        string good = Policy("good.json", string.Empty);
        string bad = Policy("bad.json", """ "maximumOutputs": 0 """);
        string[] check = ["policy", "check", "--psbt", payment, "--json"];
        JsonElement error = (await SignerProcess.RunAsync([.. check, "--policy", bad])).Failed(2, "policy_invalid");
        Assert.Contains($"--policy: {bad} is not a policy: $.groups.{data.Group}.maximumOutputs: at least 1", Text(error, "message"));
        (await SignerProcess.RunAsync([.. check, "--policy", data.PathOf("absent.json")])).Failed(2, "policy_unreadable");
        (await SignerProcess.RunAsync([.. check, "--policy", good, "--network", "mainnet"])).Failed(2, "network_differs");
        (await SignerProcess.RunAsync([.. check, "--policy", good, "--at", "noon"])).Failed(2, "time_malformed");
        string others = data.Write("others.json", """{"version":1,"network":"regtest","groups":{"*":{}}}"""u8.ToArray());
        (await SignerProcess.RunAsync([.. check, "--policy", others])).Failed(2, "group_required");
    }

    [Fact]
    public async Task A_payment_that_the_policy_refuses_is_not_signed_and_one_that_people_approved_is()
    {
        string payment = Pay("asked.psbt");
        string[] people = [await IdentityAsync("erin"), await IdentityAsync("frank")];
        string policy = Policy(
            "asked.json", $$""" "approvals": { "aboveSat": 30999, "needed": 2, "approvers": ["{{people[0]}}", "{{people[1]}}"] } """);
        string[] sign = ["--policy", policy, "--session", "asked"];
        JsonElement error = (await data.SignPsbtAsync(payment, sign)).Failed(1, "policy_approvals_missing");
        Assert.Contains("signer approve", Text(error, "message"));
        Assert.Equal(("2", "0"), (Evidence(error, "needed"), Evidence(error, "available")));

        JsonElement approved = (await ApproveAsync(payment, "erin")).Done();
        Assert.Equal(people[0], Text(approved, "approver"));
        await ApproveAsync(payment, "frank");
        (await data.SignPsbtAsync(payment, [.. sign, "--approval", data.PathOf("erin.approval")])).Failed(1, "policy_approvals_missing");
        string[] both = ["--approval", data.PathOf("erin.approval"), "--approval", data.PathOf("frank.approval")];
        (await data.SignPsbtAsync(Pay("other.psbt", paidSat: 29_000), [.. sign, .. both])).Failed(2, "approval_of_another_payment");
        JsonElement signed = (await data.SignPsbtAsync(payment, [.. sign, .. both])).Done();
        Assert.NotNull(Text(signed, "transaction"));
        (await SignerProcess.RunAsync([.. (string[])["policy", "check", "--psbt", payment, "--json"], "--policy", policy, .. both])).Done();
        (await SignerProcess.RunAsync(["sign", "--url", "http://127.0.0.1:1", "--group", data.Group, "--psbt", payment, "--policy", policy, "--json"]))
            .Failed(2, "policy_with_url");
        (await SignerProcess.RunAsync(
            ["sign", "--data", data.Data, "--group", data.Group, "--message", DataFixture.Message, "--json", "--approval", data.PathOf("erin.approval")]))
            .Failed(2, "approval_needs_psbt");
        (await data.SignPsbtAsync(payment, "--approval", policy)).Failed(2, "approval_malformed");
    }

    [Fact]
    public async Task A_running_signer_holds_to_the_policy_of_its_directory_and_takes_a_new_one_without_a_restart()
    {
        using OwnDirectory own = await OwnDirectory.CreateAsync();
        string payment = own.PathOf("payment.psbt");
        await File.WriteAllBytesAsync(payment, PsbtOf(XOnlyPublicKey.Parse(FixedBytes.ParseHex<Bytes32>(own.Group).AsSpan())).ToBytes());
        string file = Path.Combine(own.Path, "policy.json");
        await File.WriteAllTextAsync(file, "{");
        (await own.SignAsync("none")).Failed(2, "policy_invalid");

        await File.WriteAllTextAsync(file, Document(own.Group, $$""" "deny": ["{{_address}}"] """));
        await using SignerProcess up = SignerProcess.Start(["up", "--data", own.Path, "--http", "127.0.0.1:0", "--allow-raw"]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        string[] sign = ["sign", "--url", url, "--group", own.Group, "--json"];
        (await SignerProcess.RunAsync([.. sign, "--psbt", payment])).Failed(1, "policy_output_denied");
        (await SignerProcess.RunAsync([.. sign, "--message", DataFixture.Message])).Failed(1, "policy_raw_message");
        await File.WriteAllTextAsync(file, Document(own.Group, string.Empty));
        Ended signed = await SignerProcess.RunAsync([.. sign, "--psbt", payment]);
        for (int again = 0; again < 100 && signed.ExitCode == 1; again++)
        {
            signed = await SignerProcess.RunAsync([.. sign, "--psbt", payment]);
        }

        signed.Done();
        Ended ended = await up.StopAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("are in force", ended.Error);
    }

    private static string Document(string group, string rules) =>
        $"{{\"version\": 1, \"network\": \"regtest\", \"groups\": {{ \"{group}\": {{{rules}}} }} }}";

    private string Policy(string name, string rules) => data.Write(name, System.Text.Encoding.UTF8.GetBytes(Document(data.Group, rules)));

    private string Pay(string name, long amountSat = 50_000, long paidSat = 30_000) =>
        data.Write(name, PsbtOf(data.Key, amountSat, paidSat).ToBytes());

    /// <summary>Pays one part of an output of the group to somebody, and 19,000 sat back.</summary>
    private static Psbt PsbtOf(XOnlyPublicKey group, long amountSat = 50_000, long paidSat = 30_000)
    {
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(group, merkleRoot: null));
        TxIn input = new(new OutPoint(new Txid(FixedBytes.ParseHex<Bytes32>(new string('7', 64))), 0));
        return Psbt.Create(new Transaction(2, [input], [new TxOut(paidSat, _payee), new TxOut(19_000, own)], 0), [new TxOut(amountSat, own)], [group]);
    }

    private async Task<string> IdentityAsync(string person) =>
        Text((await SignerProcess.RunAsync("pki", "identity", "--out", data.PathOf($"{person}.key"), "--json")).Done(), "identity");

    private Task<Ended> ApproveAsync(string payment, string person) => SignerProcess.RunAsync(
        "approve", "--psbt", payment, "--group", data.Group, "--identity", data.PathOf($"{person}.key"), "--out", data.PathOf($"{person}.approval"), "--json");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Evidence(JsonElement finding, string name) => Text(finding.GetProperty("evidence"), name);
}
