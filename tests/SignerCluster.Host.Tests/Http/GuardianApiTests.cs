using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Http;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Tests.Http;

/// <summary>What operators say to guardians over HTTP, and what a withdrawal is worth.</summary>
public sealed class GuardianApiTests
{
    private const ulong CapacitySat = 100_000;
    private const long AmountSat = 39_000;
    private const ulong DebitSat = 40_000;

    [Fact]
    public async Task Rules_are_taken_by_every_seat_and_what_is_left_is_shown()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));

        JsonElement[] guardians = await host.UntilFoldedAsync();

        Assert.Equal([null, 0, 1, 2], guardians.Select(static one => one.TryGetProperty("seat", out JsonElement seat) ? seat.GetInt32() : (int?)null));
        Assert.Single(guardians.Select(static one => Text(one, "head")).Distinct());
        Assert.All(guardians, static guardian =>
        {
            JsonElement window = Assert.Single(guardian.GetProperty("windows").EnumerateArray());
            Assert.Equal(
                ("hour", CapacitySat - DebitSat, CapacitySat, 10UL),
                (Text(window, "name"), Number(window, "availableSat"), Number(window, "capacitySat"), Number(window, "refillSatPerSecond")));
            Assert.Equal((2UL, 1UL), (Number(guardian, "records"), Number(guardian, "withdrawals")));
        });
    }

    [Fact]
    public async Task Rules_that_allow_less_hold_at_once_and_those_that_allow_more_after_their_delay()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        await host.ConfigureAsync(GuardedHost.Rules(50_000, 10));
        Assert.Equal(50_000UL, await host.AvailableAsync());

        JsonElement announced = (await host.ConfigureAsync(GuardedHost.Rules(CapacitySat, 10))).Json.GetProperty("guardians")[0];
        await host.UntilFoldedAsync();

        Assert.Equal(host.Clock.Now + 1000, Number(announced, "announcedFrom"));
        Assert.Equal(CapacitySat, Number(announced.GetProperty("announced").GetProperty("windows")[0], "capacitySat"));
        Psbt large = Psbts.Paying(host.Key, 1, 59_000);
        (await host.WithdrawAsync("w1", large)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_too_large");
        host.Clock.Pass(999);
        (await host.WithdrawAsync("w1", large)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_too_large");
        host.Clock.Pass(1);
        (await host.WithdrawAsync("w1", large)).ShouldBeProblem(HttpStatusCode.TooManyRequests, "withdrawal_rate_limited");
        host.Clock.Pass(1000);
        await host.WithdrawnAsync("w1", large);
        Assert.Equal(0UL, await host.AvailableAsync());
    }

    [Fact]
    public async Task A_freeze_refuses_what_is_new_gives_what_is_recorded_and_ends_only_with_a_reason()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Answer signed = await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
        await host.SayAsync("guardian/freeze", "key suspected");

        JsonElement refused = (await host.WithdrawAsync("w2", Psbts.Paying(host.Key, 2, AmountSat))).ShouldBeProblem(HttpStatusCode.Forbidden, "group_frozen");
        Answer again = await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
        (await host.SayAsync("guardian/unfreeze", string.Empty)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "guardian_reason_invalid");
        JsonElement frozen = (await host.Api.GetAsync($"{host.GroupPath}/capacity")).Json;
        await host.SayAsync("guardian/unfreeze", "checked");

        Assert.Equal("key suspected", Text(refused.GetProperty("evidence"), "reason"));
        Assert.Equal(signed.Json.GetProperty("session").GetRawText(), again.Json.GetProperty("session").GetRawText());
        Assert.Equal(("key suspected", CapacitySat - DebitSat), (Text(frozen, "frozen"), Number(frozen, "availableSat")));
        await host.WithdrawnAsync("w2", Psbts.Paying(host.Key, 2, AmountSat));
    }

    [Fact]
    public async Task A_group_under_a_guardian_proves_its_address_without_a_withdrawal_unless_it_is_frozen()
    {
        const string body = """{"sessionId":"audit","proof":{"message":"ours"}}""";
        await using GuardedHost host = await GuardedHost.StartAsync(capacitySat: 1000);
        Answer proved = await host.Api.PostAsync(body, $"{host.GroupPath}/sessions?wait=30");
        Assert.Equal("completed", proved.State);
        await host.Api.PostAsync("""{"reason":"key suspected"}""", $"{host.GuardianPath}/freeze");
        Answer refused = await host.Api.PostAsync(body.Replace("audit", "again", StringComparison.Ordinal), $"{host.GroupPath}/sessions?wait=30");
        refused.ShouldBeProblem(HttpStatusCode.Forbidden, "group_frozen");
    }

    [Fact]
    public async Task With_one_of_three_participants_stopped_the_others_sign_and_with_two_it_waits_until_a_stop_is_lifted()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        await host.SayToSeatAsync(0, new GuardianCommand.Stop("audit"));
        Answer signed = await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
        Assert.DoesNotContain(0, Signers(signed.Json.GetProperty("session")));

        await host.SayToSeatAsync(1, new GuardianCommand.Stop("audit"));
        Answer waiting = await host.WithdrawAsync("w2", Psbts.Paying(host.Key, 2, AmountSat), wait: 2);
        await host.SayToSeatAsync(1, new GuardianCommand.Resume("audited"));
        Answer resumed = await host.WithdrawnAsync("w2", Psbts.Paying(host.Key, 2, AmountSat));

        Assert.Equal((HttpStatusCode.Accepted, "running"), (waiting.Status, Text(waiting.Json.GetProperty("session"), "state")));
        Assert.Empty(Signers(waiting.Json.GetProperty("session")));
        Assert.DoesNotContain(0, Signers(resumed.Json.GetProperty("session")));
        Assert.Equal(CapacitySat - (2 * DebitSat), await host.AvailableAsync());
    }

    [Fact]
    public async Task A_stop_is_of_the_process_that_is_addressed_and_holds_over_a_restart()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Answer stopped = await host.SayAsync("stop", "fire drill");
        await host.RestartAsync();

        Assert.Equal(4, stopped.Json.GetProperty("guardians").GetArrayLength());
        Assert.All(await host.GuardiansAsync(), static guardian => Assert.Equal("fire drill", Text(guardian, "stopped")));
        (await host.WithdrawAsync("w1", Psbts.Paying(host.Key, 1, AmountSat))).ShouldBeProblem(HttpStatusCode.Forbidden, "group_stopped");
        Assert.Equal(CapacitySat, await host.AvailableAsync());
        await host.SayAsync("resume", "over");
        await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
    }

    [Fact]
    public async Task A_node_of_a_participant_shows_and_stops_its_own_guardians_and_takes_no_rules()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        ServedNode participant = host.Running.Served with { Sessions = null, Guardians = [host.Running.Cluster.Guardians[2]] };
        await using HttpApi node = HttpApi.Build(
            new HttpSettings(HttpSettings.ParseEndpoint("127.0.0.1:0"), Token: null), participant, host.Clock, NullLoggerFactory.Instance);
        await node.StartAsync(CancellationToken.None);
        using ApiCaller operatorOf = new(node.Url);

        Answer stopped = await operatorOf.PostAsync("""{"reason":"audit"}""", $"{host.GroupPath}/stop");
        JsonElement shown = Assert.Single(stopped.Json.GetProperty("guardians").EnumerateArray());
        Answer rules = await operatorOf.PostAsync(GuardedHost.Rules(1, 1), host.GuardianPath);
        Answer withdrawal = await operatorOf.GetAsync(host.WithdrawalsPath);

        Assert.Equal((1, "audit"), (shown.GetProperty("seat").GetInt32(), Text(shown, "stopped")));
        rules.ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        withdrawal.ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
        Assert.DoesNotContain(1, Signers((await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat))).Json.GetProperty("session")));
    }

    [Fact]
    public async Task Change_that_only_looks_like_the_groups_is_paid_for()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(10 * CapacitySat);
        Script[] lookalikes =
        [
            // The group's key without the tweak, and with one that lets a script spend.
            Taproot.ScriptPubKey(host.Key),
            Taproot.ScriptPubKey(Taproot.OutputKey(host.Key, Taproot.LeafHash(0xc0, Script.ParseHex("51")))),
        ];
        foreach ((int number, Script change) in lookalikes.Index())
        {
            Answer answer = await host.WithdrawnAsync($"w{number}", Psbts.Paying(host.Key, number, AmountSat, change));
            Assert.Equal((ulong)Psbts.PaidFromSat, Number(answer.Json, "debitSat"));
        }

        Assert.Equal((10 * CapacitySat) - (2 * (ulong)Psbts.PaidFromSat), await host.AvailableAsync());
    }

    [Fact]
    public async Task G3_A_timestamp_is_never_before_that_of_the_withdrawal_before_and_may_be_the_same()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(10 * CapacitySat);
        host.Clock.Pass(100);
        ulong now = host.Clock.Now;
        await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat), now);
        (ulong Left, (long, int) Written) before = (await host.AvailableAsync(), await host.WrittenAsync());

        JsonElement problem = (await host.WithdrawAsync("w2", Psbts.Paying(host.Key, 2, AmountSat), now - 1))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_time_backwards");

        Assert.Equal($"{now}", Text(problem.GetProperty("evidence"), "last"));
        Assert.Equal(before, (await host.AvailableAsync(), await host.WrittenAsync()));
        Assert.Equal(now, Number((await host.WithdrawnAsync("w2", Psbts.Paying(host.Key, 2, AmountSat), now)).Json, "timestamp"));
    }

    [Fact]
    public async Task A_psbt_of_the_same_transaction_that_tells_of_other_amounts_is_not_the_accepted_one()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(10 * CapacitySat);
        Psbt accepted = Of(60_000, 90_000);
        await host.WithdrawnAsync("w1", accepted);
        (ulong Left, (long, int) Written) before = (await host.AvailableAsync(), await host.WrittenAsync());

        Psbt swapped = Of(90_000, 60_000);
        Psbt more = Of(60_000, 91_000);
        Assert.All([swapped, more], other => Assert.Equal(accepted.UnsignedTransaction.Txid, other.UnsignedTransaction.Txid));
        (await host.WithdrawAsync("w1", swapped)).ShouldBeProblem(HttpStatusCode.Conflict, "session_conflict");
        (await host.WithdrawAsync("w1", more)).ShouldBeProblem(HttpStatusCode.Conflict, "withdrawal_conflict");
        Assert.Equal(before, (await host.AvailableAsync(), await host.WrittenAsync()));

        Psbt Of(params long[] inputsSat)
        {
            Script own = Taproot.ScriptPubKey(Taproot.OutputKey(host.Key, merkleRoot: null));
            TxIn[] inputs = [.. Psbts.Spending(host.Key, 2).UnsignedTransaction.Inputs];
            return Psbt.Create(
                new Transaction(2, inputs, [new TxOut(140_000, Psbts.Stranger)], 0),
                [.. inputsSat.Select(amount => new TxOut(amount, own))],
                [host.Key, host.Key]);
        }
    }

    [Fact]
    public async Task S2_A_guardian_that_cannot_be_read_is_named_and_does_not_hide_the_others()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        await host.RestartWithDamageAsync(participant: 1);

        JsonElement shown = (await host.Api.GetAsync(host.GuardianPath)).Json;

        Assert.Equal(
            [null, 0, 2],
            shown.GetProperty("guardians").EnumerateArray()
                .Select(static one => one.TryGetProperty("seat", out JsonElement seat) ? seat.GetInt32() : (int?)null));
        JsonElement unread = Assert.Single(shown.GetProperty("unread").EnumerateArray());
        Assert.Equal((1, "entity_quarantined"), (unread.GetProperty("seat").GetInt32(), Text(unread, "code")));
        await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
    }

    private static IEnumerable<int> Signers(JsonElement session) => session.GetProperty("attempts").EnumerateArray()
        .SelectMany(static attempt => attempt.GetProperty("signers").EnumerateArray()).Select(static seat => seat.GetInt32());

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static ulong Number(JsonElement of, string name) => of.GetProperty(name).GetUInt64();
}
