using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Tests.Http;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary><c>withdraw</c>, <c>withdrawal</c> and <c>guardian</c> on a data directory.</summary>
public sealed class WithdrawTests(WithdrawTests.Guarded guarded) : IClassFixture<WithdrawTests.Guarded>
{
    private const ulong CapacitySat = 200_000;

    // An hour's worth of this is less than any payment of these tests.
    private const ulong RefillSat = 1;
    private const ulong DebitSat = 80_000;

    private readonly DataFixture _data = guarded.Data;

    [Fact]
    public async Task G1_A_withdrawal_is_paid_for_once_signed_and_shown_with_its_record()
    {
        string psbt = Payment(1);
        ulong before = await AvailableAsync();
        JsonElement signed = (await WithdrawAsync(psbt, "w1", "--out", _data.PathOf("w1.signed"))).Done();
        JsonElement again = (await WithdrawAsync(psbt, "w1")).Done();

        JsonElement record = signed.GetProperty("withdrawal");
        Assert.Equal(("w1", DebitSat), (record.GetProperty("withdrawalId").GetString(), record.GetProperty("debitSat").GetUInt64()));
        Assert.Equal(record.GetRawText(), again.GetProperty("withdrawal").GetRawText());
        Assert.True(EnvelopeText.TryRead(Encoding.UTF8.GetBytes(signed.GetRawText()), out WithdrawalEnvelope? envelope));
        Assert.Null(envelope.Fault(envelope.Identity));
        Assert.Equal(signed.GetProperty("signature").GetString(), again.GetProperty("signature").GetString());
        Assert.True(Transaction.TryParse(Convert.FromHexString(signed.GetProperty("transaction").GetString()!), out Transaction? transaction, out _));
        Assert.Equal(signed.GetProperty("payment").GetProperty("txid").GetString(), transaction.Txid.ToString());
        Assert.Equal(signed.GetProperty("psbt").GetString(), Convert.ToBase64String(await File.ReadAllBytesAsync(_data.PathOf("w1.signed"))));
        Assert.InRange(await AvailableAsync(), before - DebitSat, before - DebitSat + (3600 * RefillSat));

        JsonElement shown = (await RunAsync("withdrawal", "show", "w1", "--data", _data.Data, "--json")).Done();
        Assert.Equal(record.GetProperty("hash").GetString(), shown.GetProperty("hash").GetString());
        Assert.Equal("completed", shown.GetProperty("session").GetProperty("state").GetString());
        JsonElement listed = (await RunAsync("withdrawal", "list", "--data", _data.Data, "--json")).Done();
        Assert.Contains(listed.GetProperty("withdrawals").EnumerateArray(), one => one.GetRawText() == record.GetRawText());
        (await RunAsync("withdrawal", "show", "none", "--data", _data.Data, "--json")).Failed(1, "withdrawal_not_found");

        (await WithdrawAsync(Payment(2), "w1")).Failed(1, "withdrawal_conflict");
        JsonElement plain = (await _data.SignPsbtAsync(Payment(3))).Failed(1, "withdrawal_required");
        Assert.Contains("signer withdraw", plain.GetProperty("message").GetString());
    }

    [Fact]
    public async Task G7_An_answer_that_says_something_else_than_its_envelope_is_not_verified()
    {
        JsonObject signed = JsonNode.Parse((await WithdrawAsync(Payment(4), "told")).Done().GetRawText())!.AsObject();
        string identity = signed["envelope"]!["identity"]!.ToString();
        Assert.Equal("told", (await VerifyAsync(signed)).Done().GetProperty("withdrawalId").GetString());

        JsonObject record = signed["withdrawal"]!.AsObject();
        foreach ((string name, JsonNode altered) in new (string, JsonNode)[] { ("debitSat", 1), ("sequence", 999), ("txid", new string('0', 64)) })
        {
            JsonNode? told = record[name]?.DeepClone();
            record[name] = altered;
            Assert.Contains(name, (await VerifyAsync(signed)).Failed(1, "envelope_invalid").GetProperty("message").GetString());
            record[name] = told;
        }

        signed["transaction"] = "00";
        Assert.Contains("transaction", (await VerifyAsync(signed)).Failed(1, "envelope_invalid").GetProperty("message").GetString());

        async Task<Ended> VerifyAsync(JsonObject answer)
        {
            await File.WriteAllTextAsync(_data.PathOf("told.json"), answer.ToJsonString());
            return await RunAsync("withdrawal", "verify", "--envelope", _data.PathOf("told.json"), "--identity", identity, "--json");
        }
    }

    [Fact]
    public async Task A_policy_that_cannot_be_read_stands_in_nobodys_way_who_stops_the_guardian()
    {
        string policy = Path.Combine(_data.Data, "policy.json");
        await File.WriteAllTextAsync(policy, "{");
        try
        {
            (await RunAsync("guardian", "stop", "--reason", "a test", "--data", _data.Data, "--group", _data.Group, "--json")).Done();
            (await RunAsync("guardian", "resume", "--reason", "a test", "--data", _data.Data, "--group", _data.Group, "--json")).Done();
        }
        finally
        {
            File.Delete(policy);
        }
    }

    [Fact]
    public async Task A_withdrawal_that_the_bucket_does_not_hold_tells_people_from_when_it_does()
    {
        (await WithdrawAsync(Payment(10, 12_000), "some")).Done();
        ulong needed = await AvailableAsync() + 5_000;
        string psbt = Payment(11, needed);
        Ended refused = await RunAsync("withdraw", "--data", _data.Data, "--group", _data.Group, "--psbt", psbt, "--id", "much");
        Ended capacity = await RunAsync("guardian", "capacity", "--amount", $"{needed}", "--data", _data.Data, "--group", _data.Group);
        Ended never = await RunAsync("guardian", "capacity", "--amount", $"{CapacitySat + 1}", "--data", _data.Data, "--group", _data.Group);

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("payment      ", refused.Error);
        Assert.Contains("withdrawal_rate_limited (recoverable): ", refused.Error);
        Assert.Matches("That is from 20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC on", refused.Error);
        Assert.Contains($"amount       {needed} sat: there from 20", capacity.Out);
        Assert.Contains($"amount       {CapacitySat + 1} sat: never", never.Out);
        (await RunAsync("withdrawal", "show", "much", "--data", _data.Data, "--json")).Failed(1, "withdrawal_not_found");
    }

    [Fact]
    public async Task G7_A_withdrawal_that_is_interrupted_is_paid_for_and_the_command_that_it_names_finishes_it()
    {
        // So many inputs that they take seconds to sign.
        string psbt = _data.Write("many.psbt", Psbts.Spending(_data.Key, 5_000).ToBytes());
        ulong before = await AvailableAsync();
        JsonElement open;
        await using (SignerProcess process = SignerProcess.Start(WithdrawWords(psbt, "cut")))
        {
            open = await UntilAcceptedAsync("cut");
            JsonElement error = (await process.StopAsync("INT")).Failed(3, "interrupted");
            Assert.Equal(
                $"signer withdraw --data {_data.Data} --group {_data.Group} --psbt {psbt} --id cut",
                error.GetProperty("evidence").GetProperty("resume").GetString());
        }

        JsonElement finished = (await WithdrawAsync(psbt, "cut")).Done();
        Assert.Equal(open.GetProperty("hash").GetString(), finished.GetProperty("withdrawal").GetProperty("hash").GetString());
        Assert.InRange(await AvailableAsync(), before - 1_000, before - 1_000 + (3600 * RefillSat));
    }

    [Fact]
    public async Task G2_A_signed_withdrawal_is_given_again_without_the_approvals_that_it_needed_and_under_a_stricter_policy()
    {
        string psbt = Payment(71, 2_000);
        string approver = (await RunAsync("pki", "identity", "--out", _data.PathOf("erin.key"), "--json")).Done().GetProperty("identity").GetString()!;
        string asks = Policy($$"""{ "approvals": { "aboveSat": 999, "needed": 1, "approvers": ["{{approver}}"] } }""");
        (await WithdrawAsync(psbt, "asked", "--policy", asks)).Failed(1, "policy_approvals_missing");
        (await RunAsync(
            "approve", "--psbt", psbt, "--group", _data.Group, "--identity", _data.PathOf("erin.key"), "--out", _data.PathOf("erin.approval"), "--json")).Done();

        JsonElement signed = (await WithdrawAsync(psbt, "asked", "--policy", asks, "--approval", _data.PathOf("erin.approval"))).Done();
        JsonElement again = (await WithdrawAsync(psbt, "asked", "--policy", asks)).Done();
        JsonElement stricter = (await WithdrawAsync(psbt, "asked", "--policy", Policy("""{ "maximumPaymentSat": 1 }"""))).Done();
        Assert.All((JsonElement[])[again, stricter], one => Assert.Equal(
            signed.GetProperty("transaction").GetString(), one.GetProperty("transaction").GetString()));
    }

    [Fact]
    public async Task A_freeze_and_a_stop_hold_until_they_are_lifted_with_a_reason()
    {
        string psbt = Payment(31, 2_000);
        JsonElement frozen = (await GuardianAsync("freeze", "--reason", "key suspected")).Done();
        JsonElement refused = (await WithdrawAsync(psbt, "cold")).Failed(1, "group_frozen");
        (await GuardianAsync("unfreeze", "--reason", "checked")).Done();
        JsonElement stopped = (await GuardianAsync("stop", "--reason", "fire drill")).Done();
        (await WithdrawAsync(psbt, "cold")).Failed(1, "group_stopped");
        Ended shown = await RunAsync("guardian", "show", "--data", _data.Data, "--group", _data.Group);
        (await GuardianAsync("resume", "--reason", "over")).Done();
        JsonElement signed = (await WithdrawAsync(psbt, "cold")).Done();

        JsonElement[] guardians = [.. frozen.GetProperty("guardians").EnumerateArray()];
        Assert.All(guardians, static guardian => Assert.Equal("key suspected", guardian.GetProperty("frozen").GetString()));
        Assert.Equal(4, guardians.Length);
        Assert.Contains("signer guardian unfreeze", refused.GetProperty("message").GetString());
        Assert.Equal("fire drill", refusedReason(stopped));
        Assert.Equal(4, shown.Out.Split("stopped      fire drill").Length - 1);
        Assert.Equal("cold", signed.GetProperty("withdrawal").GetProperty("withdrawalId").GetString());

        static string? refusedReason(JsonElement shown) => shown.GetProperty("guardians")[0].GetProperty("stopped").GetString();
    }

    [Fact]
    public async Task A_running_signer_tells_the_same_as_its_files()
    {
        (await WithdrawAsync(Payment(41, 2_000), "before")).Done();
        await using SignerProcess up = SignerProcess.Start(["up", "--data", _data.Data, "--http", "127.0.0.1:0"]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        JsonElement signed = await ThereAsync("withdraw", "--psbt", Payment(42, 2_000), "--id", "served");
        await ThereAsync("guardian", "configure", "--window", $"hour={CapacitySat - 1}/{RefillSat}");

        Assert.Equal("served", signed.GetProperty("withdrawal").GetProperty("withdrawalId").GetString());
        foreach (string[] look in (string[][])[["withdrawal", "list", "--from", "1"], ["withdrawal", "show", "served"], ["guardian", "show"]])
        {
            JsonElement remote = await ThereAsync(look);
            JsonElement local = (await RunAsync([.. look, "--data", _data.Data, "--group", _data.Group, "--json"])).Done();
            Assert.Equal(WithoutLevels(remote), WithoutLevels(local));
            Assert.Equal(look[1] == "show" && look[0] == "withdrawal", remote.TryGetProperty("envelope", out _));
        }

        (await RunAsync(["guardian", "freeze", "--reason", "no", "--data", _data.Data, "--group", _data.Group, "--json"])).Failed(3, "data_in_use");
        JsonElement wider = await ThereAsync("guardian", "configure", "--window", $"hour={CapacitySat}/{RefillSat}");
        Assert.True(wider.GetProperty("guardians")[0].TryGetProperty("announcedFrom", out _));
        Assert.Contains("announced    from 20", (await RunAsync("guardian", "show", "--url", url, "--group", _data.Group)).Out);
        Assert.Equal(0, (await up.StopAsync()).ExitCode);

        async Task<JsonElement> ThereAsync(params string[] words)
        {
            Ended ended = await RunAsync([.. words, "--url", url, "--group", _data.Group, "--json"]);
            Assert.True(ended.ExitCode != 3, $"{ended.Out} The signer: {up.State}");
            return ended.Done();
        }
    }

    [Fact]
    public async Task Bad_arguments_name_the_key_and_the_rule()
    {
        string[] place = ["--data", _data.Data, "--group", _data.Group, "--json"];
        string rules = _data.Write("rules.json", """{"windows":[{"name":"hour","capacity":1}]}"""u8.ToArray());
        (await RunAsync(["withdraw", .. place])).Failed(2, "payload_required");
        JsonElement error = (await RunAsync(["withdraw", "--psbt", Payment(51), "--id", "Upper", .. place])).Failed(2, "session_malformed");
        Assert.StartsWith("--id: ", error.GetProperty("message").GetString());
        (await RunAsync(["withdraw", "--psbt", Payment(51), "--timestamp", "-1", .. place])).Failed(2, "usage");
        (await RunAsync(["guardian", "configure", .. place])).Failed(2, "rules_required");
        (await RunAsync(["guardian", "configure", "--window", "hour=1", .. place])).Failed(2, "window_malformed");
        (await RunAsync(["guardian", "configure", "--window", "hour=-1/1", .. place])).Failed(2, "window_malformed");
        error = (await RunAsync(["guardian", "configure", "--rules", rules, .. place])).Failed(2, "rules_malformed");
        Assert.Contains("$.windows[0]", error.GetProperty("message").GetString());
        (await RunAsync(["guardian", "configure", "--rules", _data.PathOf("absent"), .. place])).Failed(2, "rules_unreadable");
        (await RunAsync(["guardian", "configure", "--window", "hour=0/1", .. place])).Failed(1, "guardian_rules_invalid");
        (await RunAsync(["guardian", "freeze", .. place])).Failed(2, "usage");
        (await RunAsync(["guardian", "freeze", "--reason", "", .. place])).Failed(1, "guardian_reason_invalid");
        (await RunAsync(["guardian", "show", "--data", _data.Data, "--group", new string('1', 64), "--json"])).Failed(1, "unknown_group");
    }

    /// <summary>A payment that takes so much from the group. Every number is another one.</summary>
    private string Payment(int number, ulong debitSat = DebitSat) =>
        _data.Write($"{number}.psbt", Psbts.Paying(_data.Key, number, (long)debitSat - Psbts.FeeSat).ToBytes());

    private string Policy(string rules) => _data.Write(
        $"{Guid.NewGuid():N}.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "version": 1, "network": "regtest", "groups": { "*": {{rules}} } }"""));

    private async Task<ulong> AvailableAsync() => (await GuardianAsync("capacity")).Done().GetProperty("availableSat").GetUInt64();

    private Task<Ended> WithdrawAsync(string psbt, string id, params string[] more) => RunAsync(WithdrawWords(psbt, id, more));

    private string[] WithdrawWords(string psbt, string id, params string[] more) =>
        ["withdraw", "--data", _data.Data, "--group", _data.Group, "--psbt", psbt, "--id", id, "--json", .. more];

    /// <summary>The record, once another process has written it.</summary>
    private async Task<JsonElement> UntilAcceptedAsync(string id)
    {
        Ended shown;
        do
        {
            shown = await RunAsync("withdrawal", "show", id, "--data", _data.Data, "--json");
        }
        while (shown.ExitCode != 0);
        return shown.Json();
    }

    private Task<Ended> GuardianAsync(string verb, params string[] more) =>
        RunAsync(["guardian", verb, "--data", _data.Data, "--group", _data.Group, "--json", .. more]);

    private static Task<Ended> RunAsync(params string[] arguments) => SignerProcess.RunAsync(arguments);

    /// <summary>What a window holds is another number a second later, and only who runs has a session key.</summary>
    private static string WithoutLevels(JsonElement shown)
    {
        JsonObject copy = JsonNode.Parse(shown.GetRawText())!.AsObject();
        copy.Remove("envelope");
        foreach (JsonNode? window in copy["guardians"]?.AsArray().SelectMany(static guardian => guardian!["windows"]!.AsArray()) ?? [])
        {
            window!.AsObject().Remove("availableSat");
        }

        return copy.ToJsonString();
    }

    /// <summary>A data directory whose group is under a guardian.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        internal DataFixture Data { get; } = new();

        public async Task InitializeAsync()
        {
            await Data.InitializeAsync();
            JsonElement shown = (await RunAsync(
                "guardian", "configure", "--window", $"hour={CapacitySat}/{RefillSat}", "--data", Data.Data, "--group", Data.Group, "--json")).Done();
            Assert.Equal([1, 1, 1], shown.GetProperty("guardians")[0].GetProperty("seats").EnumerateArray().Select(static folded => folded.GetInt32()));
        }

        public Task DisposeAsync() => Data.DisposeAsync();
    }
}
