using System.Net;
using System.Text;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Withdrawals of a group under a guardian, over HTTP and a whole embedded cluster.</summary>
public sealed class WithdrawalApiTests
{
    private const ulong CapacitySat = 100_000;
    private const ulong DebitSat = 40_000;
    private const long AmountSat = (long)DebitSat - Psbts.FeeSat;

    [Fact]
    public async Task A_group_under_a_guardian_opens_no_plain_session()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        string message = new('a', 64);

        Answer raw = await host.Api.PostAsync($$"""{"sessionId":"raw","message":"{{message}}"}""", $"{host.GroupPath}/sessions?wait=30");
        Answer psbt = await host.Api.PostAsync(Psbts.Body("psbt", Psbts.Paying(host.Key, 1, AmountSat)), $"{host.GroupPath}/sessions?wait=30");

        raw.ShouldBeProblem(HttpStatusCode.Conflict, "withdrawal_required");
        psbt.ShouldBeProblem(HttpStatusCode.Conflict, "withdrawal_required");
        Assert.Equal((1, 0), await host.WrittenAsync());
        Assert.Equal(CapacitySat, await host.AvailableAsync());
    }

    [Fact]
    public async Task A_group_without_a_guardian_has_sessions_and_no_withdrawals()
    {
        await using GuardedHost host = await GuardedHost.StartAsync();
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);

        (await host.WithdrawAsync("w1", psbt)).ShouldBeProblem(HttpStatusCode.Conflict, "guardian_missing");
        (await host.Api.GetAsync($"{host.WithdrawalsPath}/w1")).ShouldBeProblem(HttpStatusCode.Conflict, "guardian_missing");
        (await host.Api.GetAsync($"{host.GroupPath}/capacity")).ShouldBeProblem(HttpStatusCode.Conflict, "guardian_missing");
        Answer signed = await host.Api.PostAsync(Psbts.Body("w1", psbt), $"{host.GroupPath}/sessions?wait=30");

        Assert.Equal("completed", signed.State);
        Assert.All(await host.GuardiansAsync(), static guardian => Assert.False(guardian.TryGetProperty("rules", out _)));
    }

    [Fact]
    public async Task G1_A_withdrawal_is_debited_recorded_and_signed_and_again_it_is_the_same_one()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);

        Answer first = await host.WithdrawnAsync("w1", psbt);

        JsonElement record = first.Json;
        Assert.Equal(("w1", 0UL, 1L), (Text(record, "withdrawalId"), Number(record, "sequence"), record.GetProperty("position").GetInt64()));
        Assert.Equal((DebitSat, host.Clock.Now), (Number(record, "debitSat"), Number(record, "timestamp")));
        Assert.Equal((psbt.UnsignedTransaction.Txid.ToString(), 64), (Text(record, "txid"), Text(record, "hash")!.Length));
        AssertValid(record.GetProperty("session"), psbt);
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());

        Assert.Equal(first.Text, (await host.WithdrawnAsync("w1", psbt)).Text);
        JsonElement shown = (await host.Api.GetAsync($"{host.WithdrawalsPath}/w1")).Json;
        Assert.Equal(Text(record, "hash"), Text(shown, "hash"));
        Assert.Equal(Signature(record), Signature(shown));
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal((2, 1), await host.WrittenAsync());
    }

    [Fact]
    public async Task G2_A_known_id_with_another_transaction_and_a_known_transaction_under_another_id_are_refused()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);
        await host.WithdrawnAsync("w1", psbt);

        Psbt another = Psbts.Paying(host.Key, 2, AmountSat);
        JsonElement other = (await host.WithdrawAsync("w1", another)).ShouldBeProblem(HttpStatusCode.Conflict, "withdrawal_conflict");
        JsonElement taken = (await host.WithdrawAsync("w2", psbt)).ShouldBeProblem(HttpStatusCode.Conflict, "transaction_already_withdrawn");

        JsonElement evidence = other.GetProperty("evidence");
        Assert.Equal(
            ("terminal", $"{psbt.UnsignedTransaction.Txid}", $"{another.UnsignedTransaction.Txid}"),
            (Text(other, "class"), Text(evidence, "expectedTxid"), Text(evidence, "actualTxid")));
        evidence = taken.GetProperty("evidence");
        Assert.Equal(("w1", $"{psbt.UnsignedTransaction.Txid}"), (Text(evidence, "id"), Text(evidence, "txid")));
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal((2, 1), await host.WrittenAsync());
    }

    [Fact]
    public async Task G2_The_same_transaction_in_other_bytes_under_its_id_is_answered_with_what_was_recorded()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);
        Answer first = await host.WithdrawnAsync("w1", psbt);
        (long, int) written = await host.WrittenAsync();

        // A field that nobody knows, in front of the others.
        byte[] bytes = [.. psbt.ToBytes()[..5], 0x02, 0xf0, 0x01, 0x01, 0xaa, .. psbt.ToBytes()[5..]];
        Assert.True(Psbt.TryParse(bytes, out Psbt? again, out _));
        Answer second = await host.WithdrawnAsync("w1", again);

        Assert.NotEqual(psbt.ToBase64(), again.ToBase64());
        Assert.Equal((Text(first.Json, "hash"), Signature(first.Json)), (Text(second.Json, "hash"), Signature(second.Json)));
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal(written, await host.WrittenAsync());
    }

    [Fact]
    public async Task G2_Sixteen_first_requests_of_one_id_at_once_are_one_debit_and_sixteen_equal_answers()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.WithdrawAsync("w1", psbt)));

        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Single(answers.Select(static answer => $"{Text(answer.Json, "hash")} {Signature(answer.Json)}").Distinct());
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal((2, 1), await host.WrittenAsync());
    }

    [Fact]
    public async Task G2_Sixteen_transactions_at_once_under_one_id_are_one_debit_and_conflicts()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => host.WithdrawAsync("w1", Psbts.Paying(host.Key, number, AmountSat))));

        Answer signed = Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        Assert.All(
            answers.Where(answer => answer != signed),
            static answer => answer.ShouldBeProblem(HttpStatusCode.Conflict, "withdrawal_conflict"));
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal((2, 1), await host.WrittenAsync());
    }

    [Fact]
    public async Task G5_What_the_bucket_does_not_hold_is_refused_with_the_time_and_accepted_at_that_time()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat, refillSatPerSecond: 10);
        await host.WithdrawnAsync("w1", Psbts.Paying(host.Key, 1, AmountSat));
        await host.WithdrawnAsync("w2", Psbts.Paying(host.Key, 2, AmountSat));
        // The bucket holds 20,000; the other 20,000 take 2,000 seconds.
        ulong at = host.Clock.Now + 2000;

        JsonElement capacity = (await host.Api.GetAsync($"{host.GroupPath}/capacity?amount={DebitSat}")).Json;
        JsonElement refused = Limited(await host.WithdrawAsync("w3", Psbts.Paying(host.Key, 3, AmountSat)));
        host.Clock.Pass(1999);
        Answer early = await host.WithdrawAsync("w3", Psbts.Paying(host.Key, 3, AmountSat));
        Limited(early);
        Assert.Equal(TimeSpan.FromSeconds(1), early.Headers.RetryAfter?.Delta);
        host.Clock.Pass(1);
        Answer accepted = await host.WithdrawnAsync("w3", Psbts.Paying(host.Key, 3, AmountSat));

        Assert.Equal((20_000UL, at), (Number(capacity, "availableSat"), Number(capacity, "availableAt")));
        Assert.Equal(
            ("hour", $"{DebitSat}", "20000", $"{at}"),
            (Text(refused, "window"), Text(refused, "needed"), Text(refused, "available"), Text(refused, "availableAt")));
        Assert.Equal((2UL, at), (Number(accepted.Json, "sequence"), Number(accepted.Json, "timestamp")));
        Assert.Equal(0UL, await host.AvailableAsync());

        static JsonElement Limited(Answer answer) =>
            answer.ShouldBeProblem(HttpStatusCode.TooManyRequests, "withdrawal_rate_limited").GetProperty("evidence");
    }

    [Fact]
    public async Task G6_After_a_restart_of_everything_the_bucket_is_as_it_was_and_a_repeat_gives_the_same_signatures_under_the_current_session_key()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);
        WithdrawalEnvelope before = EnvelopeOf(await host.WithdrawnAsync("w1", psbt), host);
        string head = Text((await host.GuardiansAsync())[0], "head")!;

        await host.RestartAsync();

        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        WithdrawalEnvelope again = EnvelopeOf(await host.WithdrawnAsync("w1", psbt), host);
        Assert.Equal((before.Result.Signature, before.Result.Withdrawal), (again.Result.Signature, again.Result.Withdrawal));
        Assert.Equal(before.Identity, again.Identity);
        Assert.NotEqual(before.Certificate.SessionKey, again.Certificate.SessionKey);
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.All(await host.UntilFoldedAsync(), guardian => Assert.Equal((head, 1UL), (Text(guardian, "head"), Number(guardian, "withdrawals"))));
        (await host.WithdrawAsync("w2", psbt)).ShouldBeProblem(HttpStatusCode.Conflict, "transaction_already_withdrawn");
        Assert.Equal(1UL, Number((await host.WithdrawnAsync("w3", Psbts.Paying(host.Key, 3, AmountSat))).Json, "sequence"));
    }

    [Fact]
    public async Task G7_A_withdrawal_that_was_accepted_without_a_quorum_is_finished_under_its_number_after_a_restart()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat);
        Psbt psbt = Psbts.Paying(host.Key, 1, AmountSat);
        await host.Running.Cluster.StopParticipantAsync(0);
        await host.Running.Cluster.StopParticipantAsync(1);

        Answer open = await host.WithdrawAsync("w1", psbt, wait: 0);
        await host.RestartAsync();
        Answer finished = await host.WithdrawnAsync("w1", psbt);

        Assert.Equal(HttpStatusCode.Accepted, open.Status);
        Assert.Equal(Text(open.Json, "hash"), Text(finished.Json, "hash"));
        AssertValid(finished.Json.GetProperty("session"), psbt);
        Assert.Equal(CapacitySat - DebitSat, await host.AvailableAsync());
        Assert.Equal((2, 1), await host.WrittenAsync());
    }

    [Fact]
    public async Task A_list_of_withdrawals_is_cut_into_pages_in_the_order_of_their_numbers()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(10 * CapacitySat);
        string[] ids = ["c", "b", "a", "e", "d"];
        foreach ((int number, string id) in ids.Index())
        {
            await host.WithdrawnAsync(id, Psbts.Paying(host.Key, number, AmountSat));
        }

        JsonElement all = (await host.Api.GetAsync(host.WithdrawalsPath)).Json;
        JsonElement first = (await host.Api.GetAsync($"{host.WithdrawalsPath}?limit=3")).Json;
        JsonElement second = (await host.Api.GetAsync($"{host.WithdrawalsPath}?limit=3&from={Number(first, "next")}")).Json;
        JsonElement past = (await host.Api.GetAsync($"{host.WithdrawalsPath}?from=5")).Json;

        Assert.Equal(ids, Ids(all));
        Assert.Equal(ids, Ids(first).Concat(Ids(second)));
        Assert.Empty(Ids(past));
        Assert.False(second.TryGetProperty("next", out _));
        Assert.Equal([0UL, 1UL, 2UL, 3UL, 4UL], all.GetProperty("withdrawals").EnumerateArray().Select(static one => Number(one, "sequence")));
        (await host.Api.GetAsync($"{host.WithdrawalsPath}?from=-1")).ShouldBeProblem(HttpStatusCode.BadRequest, "from_invalid");
        (await host.Api.GetAsync($"{host.WithdrawalsPath}?limit=0")).ShouldBeProblem(HttpStatusCode.BadRequest, "limit_invalid");
        (await host.Api.GetAsync($"{host.WithdrawalsPath}/z")).ShouldBeProblem(HttpStatusCode.NotFound, "withdrawal_not_found");
    }

    [Fact]
    public async Task G10_Whoever_has_no_token_makes_nothing_be_written()
    {
        await using GuardedHost host = await GuardedHost.StartAsync(CapacitySat, token: "0123456789abcdefghijklmnopqrstuv");
        host.Api.Client.DefaultRequestHeaders.Authorization = null;

        (await host.WithdrawAsync("w1", Psbts.Paying(host.Key, 1, AmountSat))).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        (await host.ConfigureAsync(GuardedHost.Rules(1, 1))).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        foreach (string path in (string[])["guardian/freeze", "guardian/unfreeze", "stop", "resume"])
        {
            (await host.SayAsync(path, "none")).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        }

        (await host.Api.GetAsync(host.GuardianPath)).ShouldBeProblem(HttpStatusCode.Unauthorized, "token_missing");
        Assert.Equal((1, 0), await host.WrittenAsync());
        for (int seat = 0; seat < GuardedHost.Participants; seat++)
        {
            GuardianReply.Shown shown = Assert.IsType<GuardianReply.Shown>(await host.SayToSeatAsync(seat, new GuardianCommand.Show()));
            Assert.Equal((1, null), (shown.View.Records, shown.View.StoppedBecause));
        }
    }

    /// <summary>The transaction is the one that was asked for, and Bitcoin's script interpreter accepts every input.</summary>
    private static void AssertValid(JsonElement session, Psbt asked)
    {
        Assert.Equal("completed", Text(session, "state"));
        Assert.True(Transaction.TryParse(Convert.FromHexString(Text(session, "transaction")!), out Transaction? transaction, out _));
        Assert.Equal(asked.UnsignedTransaction.Txid, transaction.Txid);
        Assert.True(Psbt.TryParse(Convert.FromBase64String(Text(session, "psbt")!), out Psbt? signed, out _));
        Assert.True(signed.TryExtract(out _, out BitcoinRefusal? refusal), refusal?.Message);
    }

    /// <summary>It holds, and is signed by the session key of the process that answered.</summary>
    private static WithdrawalEnvelope EnvelopeOf(Answer answer, GuardedHost host)
    {
        SessionKey current = host.Running.Session;
        Assert.True(EnvelopeText.TryRead(Encoding.UTF8.GetBytes(answer.Text), out WithdrawalEnvelope? envelope));
        Assert.Null(envelope.Fault(current.Identity));
        Assert.Equal(current.Certificate, envelope.Certificate);
        return envelope;
    }

    private static IEnumerable<string?> Ids(JsonElement list) =>
        list.GetProperty("withdrawals").EnumerateArray().Select(static one => Text(one, "withdrawalId"));

    private static string? Signature(JsonElement withdrawal) => Text(withdrawal.GetProperty("session"), "signature");

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static ulong Number(JsonElement of, string name) => of.GetProperty(name).GetUInt64();
}
