using System.Net;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

public sealed class SessionApiTests
{
    private static readonly string _message = new('a', 64);

    [Fact]
    public async Task A_post_that_waits_answers_the_finished_session_with_a_signature_that_verifies()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        Answer answer = await host.SignAsync("pay-1", _message, wait: 30);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("application/json", answer.MediaType);
        Assert.Equal(
            ("completed", "pay-1", _message), (answer.State, answer.Json.GetProperty("sessionId").GetString(), answer.Json.GetProperty("message").GetString()));
        Assert.Equal(Taproot.OutputKey(host.GroupKey, merkleRoot: null).ToString(), answer.Json.GetProperty("outputKey").GetString());
        AssertSignature(answer.Json);
        JsonElement message = Assert.Single(answer.Json.GetProperty("messages").EnumerateArray());
        Assert.Equal(answer.Json.GetProperty("signature").GetString(), message.GetProperty("signature").GetString());
        Assert.True(message.GetProperty("attempts").GetInt32() >= 1);
        Assert.False(message.TryGetProperty("input", out _));
    }

    [Fact]
    public async Task A_session_shows_its_attempts_with_reasons_and_the_same_signature()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Answer posted = await host.SignAsync("s", _message, wait: 30);

        Answer shown = await host.GetAsync($"{host.SessionsPath}/s");
        Assert.Equal(HttpStatusCode.BadRequest, (await host.GetAsync($"{host.SessionsPath}/S")).Status);

        Assert.Equal(HttpStatusCode.OK, shown.Status);
        Assert.Equal("completed", shown.State);
        Assert.Equal(posted.Json.GetProperty("signature").GetString(), shown.Json.GetProperty("signature").GetString());
        JsonElement[] attempts = [.. shown.Json.GetProperty("attempts").EnumerateArray()];
        Assert.Equal("first", attempts[0].GetProperty("reason").GetString());
        JsonElement aggregated = Assert.Single(attempts, static attempt => attempt.GetProperty("state").GetString() == "aggregated");
        Assert.Equal(2, aggregated.GetProperty("signers").GetArrayLength());
        Assert.Equal(64, aggregated.GetProperty("id").GetString()!.Length);
        Assert.Empty(shown.Json.GetProperty("culprits").EnumerateArray());
    }

    [Fact]
    public async Task A_psbt_comes_back_with_every_input_signed_and_its_transaction()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Psbt psbt = Psbts.Spending(host.GroupKey, inputs: 2);

        Answer answer = await host.PostAsync(Psbts.Body("withdrawal", psbt), $"{host.SessionsPath}?wait=30");

        Assert.Equal((HttpStatusCode.OK, "completed"), (answer.Status, answer.State));
        Assert.Equal(
            new[] { "withdrawal", "withdrawal" },
            answer.Json.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("sessionId").GetString()));
        Assert.Equal(new[] { 0, 1 }, answer.Json.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("input").GetInt32()));
        Assert.All(answer.Json.GetProperty("messages").EnumerateArray(), AssertSignature);
        byte[] bytes = Convert.FromHexString(answer.Json.GetProperty("transaction").GetString()!);
        Assert.True(Transaction.TryParse(bytes, out Transaction? transaction, out _));
        Assert.Equal(psbt.UnsignedTransaction.Txid, transaction.Txid);
        Assert.All(transaction.Inputs, static input => Assert.Equal(1, input.Witness.Count));
        Assert.True(Psbt.TryParse(Convert.FromBase64String(answer.Json.GetProperty("psbt").GetString()!), out _, out _));
        Assert.Equal(
            answer.Json.GetProperty("messages").GetRawText(),
            (await host.GetAsync($"{host.SessionsPath}/withdrawal")).Json.GetProperty("messages").GetRawText());
    }

    [Fact]
    public async Task The_same_id_and_body_is_the_same_session()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Answer first = await host.SignAsync("s", _message, wait: 30);

        Answer again = await host.SignAsync("s", _message.ToUpperInvariant());

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task The_same_id_with_another_body_is_a_conflict()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Answer first = await host.SignAsync("s", _message, wait: 30);

        Answer other = await host.SignAsync("s", new string('b', 64), wait: 30);
        Answer psbt = await host.PostAsync(Psbts.Body("s", Psbts.Spending(host.GroupKey, 1)));

        JsonElement problem = other.ShouldBeProblem(HttpStatusCode.Conflict, "session_conflict");
        Assert.Equal("terminal", problem.GetProperty("class").GetString());
        Assert.Equal("s", problem.GetProperty("evidence").GetProperty("session").GetString());
        psbt.ShouldBeProblem(HttpStatusCode.Conflict, "session_conflict");
        Assert.Equal(
            first.Json.GetProperty("signature").GetString(), (await host.GetAsync($"{host.SessionsPath}/s")).Json.GetProperty("signature").GetString());
    }

    [Fact]
    public async Task Identical_posts_at_once_are_one_session_with_one_signature()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.SignAsync("s", _message, wait: 30)));

        Assert.All(answers, static answer => Assert.Equal((HttpStatusCode.OK, "completed"), (answer.Status, answer.State)));
        Assert.Single(answers.Select(static answer => answer.Json.GetProperty("signature").GetString()).Distinct());
        Assert.Single((await host.GetAsync(host.SessionsPath)).Json.GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task Different_bodies_at_once_under_one_id_are_one_session_and_conflicts()
    {
        await using ApiHost host = await ApiHost.StartAsync();

        Answer[] answers = await Task.WhenAll("0123456789abcdef".Select(digit => host.SignAsync("s", new string(digit, 64), wait: 30)));

        Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(15, answers.Count(static answer => answer.Status == HttpStatusCode.Conflict && answer.Code == "session_conflict"));
    }

    [Fact]
    public async Task A_session_that_cannot_finish_is_shown_as_failed_with_its_reason()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { ParticipantsAllowRaw = false });

        Answer answer = await host.SignAsync("s", _message, wait: 30);

        Assert.Equal((HttpStatusCode.OK, "failed"), (answer.Status, answer.State));
        JsonElement failure = answer.Json.GetProperty("failure");
        Assert.Equal(("insufficient_seats", "terminal"), (failure.GetProperty("code").GetString(), failure.GetProperty("class").GetString()));
        Assert.Equal("2", failure.GetProperty("evidence").GetProperty("needed").GetString());
        Assert.All(
            answer.Json.GetProperty("declined").EnumerateArray(), static seat => Assert.Equal("raw_message_not_allowed", seat.GetProperty("code").GetString()));
        Assert.Equal("failed", (await host.GetAsync($"{host.SessionsPath}/s")).State);
        Assert.Equal("failed", (await host.SignAsync("s", _message)).State);
    }

    [Fact]
    public async Task A6_A_culprit_is_shown_with_evidence_that_anyone_can_verify()
    {
        await using ApiHost host = await ApiHost.StartAsync(
            new ApiOptions { AlterAnswer = static (seat, answer) => seat.Seat == new SeatId(0) ? Lie(answer) : answer });

        // Without the third participant, the liar is in the first attempt for certain.
        await host.StopParticipantsAsync(2);
        await host.SignAsync("s", _message);
        JsonElement culprit = await FirstCulpritAsync(host);
        host.StartParticipants(2);
        Answer finished = await host.SignAsync("s", _message, wait: 60);

        Assert.Equal((HttpStatusCode.OK, "completed"), (finished.Status, finished.State));
        Assert.Equal(0, culprit.GetProperty("seat").GetInt32());
        BlameCertificate certificate = culprit.GetProperty("evidence").Deserialize(WireJson.Default.BlameCertificate)!;
        Assert.True(certificate.Proves(host.Cluster.Groups.StandingOf(host.Group).Group!));
    }

    [Fact]
    public async Task A_bare_message_is_forbidden_where_the_operator_has_not_allowed_it()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { CoordinatorAllowsRaw = false });

        (await host.SignAsync("s", _message)).ShouldBeProblem(HttpStatusCode.Forbidden, "raw_message_not_allowed");
        (await host.GetAsync($"{host.SessionsPath}/s")).ShouldBeProblem(HttpStatusCode.NotFound, "session_not_found");
    }

    [Theory]
    [InlineData("retired", "group_retired")]
    [InlineData("rekey_required", "group_rekey_required")]
    public async Task A_group_that_is_out_of_use_refuses(string lifecycle, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(
            new ApiOptions { AlterGroupFile = text => text.Replace("\"active\"", $"\"{lifecycle}\"", StringComparison.Ordinal) });

        (await host.SignAsync("s", _message)).ShouldBeProblem(HttpStatusCode.Conflict, code);
        Assert.Equal(lifecycle, (await host.GetAsync($"/v1/groups/{host.Group}")).Json.GetProperty("lifecycle").GetString());
    }

    [Fact]
    public async Task A_list_is_cut_into_pages_with_the_newest_last()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        string[] ids = ["e", "d", "c", "b", "a"];
        foreach (string id in ids)
        {
            await host.SignAsync(id, _message, wait: 30);
        }

        JsonElement all = (await host.GetAsync(host.SessionsPath)).Json;
        JsonElement first = (await host.GetAsync($"{host.SessionsPath}?limit=2")).Json;
        JsonElement second = (await host.GetAsync($"{host.SessionsPath}?limit=2&after={first.GetProperty("next").GetString()}")).Json;
        JsonElement last = (await host.GetAsync($"{host.SessionsPath}?limit=2&after={second.GetProperty("next").GetString()}")).Json;

        Assert.Equal(ids, Ids(all));
        Assert.Equal(ids, Ids(first).Concat(Ids(second)).Concat(Ids(last)));
        Assert.False(all.TryGetProperty("next", out _));
        Assert.False(last.TryGetProperty("next", out _));
        Assert.All(all.GetProperty("sessions").EnumerateArray(), static session =>
            Assert.Equal(
                ("completed", _message, 128),
                (session.GetProperty("state").GetString(), session.GetProperty("message").GetString(), session.GetProperty("signature").GetString()!.Length)));
        Assert.Empty(Ids((await host.GetAsync($"{host.SessionsPath}?after=a")).Json));
    }

    [Fact]
    public async Task K4_A_history_that_cannot_be_read_hides_no_other_session()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        await host.SignAsync("good", _message, wait: 30);
        EntityId bad = EntityAddress.Of(new CoordinatorAddress(host.Group, SessionId.Parse("bad")));
        await host.Journal.AppendAsync(
            new JournalAppend(bad, 0, [new JournalEntry("roast.unheard-of.v9", "{}"u8.ToArray())], OpenAfter: false, Guid.NewGuid(), DateTimeOffset.UnixEpoch));

        Answer shown = await host.GetAsync($"{host.SessionsPath}/bad");
        Answer posted = await host.SignAsync("bad", _message);
        JsonElement[] listed = [.. (await host.GetAsync(host.SessionsPath)).Json.GetProperty("sessions").EnumerateArray()];

        shown.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "entity_quarantined");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, posted.Status);
        Assert.Equal(["completed", "unreadable"], listed.Select(static session => session.GetProperty("state").GetString()));
    }

    private static string?[] Ids(JsonElement list) =>
        [.. list.GetProperty("sessions").EnumerateArray().Select(static session => session.GetProperty("sessionId").GetString())];

    private static void AssertSignature(JsonElement signed) => Assert.True(Bip340.Verify(
        XOnlyPublicKey.Parse(Convert.FromHexString(signed.GetProperty("outputKey").GetString()!)),
        Convert.FromHexString(signed.GetProperty("message").GetString()!),
        FixedBytes.ParseHex<Bytes64>(signed.GetProperty("signature").GetString())));

    /// <summary>Replaces a share by another.</summary>
    private static SeatAnswer Lie(SeatAnswer answer) => answer is SeatAnswer.Granted { Reply: SeatReply.Signed signed }
        ? new SeatAnswer.Granted(signed with { Share = new Share(FixedBytes.ParseHex<Bytes32>(new string('1', 64))) })
        : answer;

    /// <summary>Asks until the coordinator has seen the bad share; gives up after a minute.</summary>
    private static async Task<JsonElement> FirstCulpritAsync(ApiHost host)
    {
        using CancellationTokenSource watchdog = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            watchdog.Token.ThrowIfCancellationRequested();
            JsonElement culprits = (await host.GetAsync($"{host.SessionsPath}/s")).Json.GetProperty("culprits");
            if (culprits.GetArrayLength() > 0)
            {
                return culprits[0];
            }
        }
    }
}
