using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Every bad request has its code and costs nothing; one API serves them all, because none of them changes anything.</summary>
public sealed class WithdrawalRefusalTests(WithdrawalRefusalTests.Guarded guarded) : IClassFixture<WithdrawalRefusalTests.Guarded>, IAsyncLifetime
{
    private const ulong CapacitySat = 500_000;
    private const ulong MostSat = 2_100_000_000_000_000;
    private readonly GuardedHost _host = guarded.Host;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // Whatever a test asked for, nothing was paid for and nothing was written, here and at the seats.
        Assert.Equal(CapacitySat, await _host.AvailableAsync());
        Assert.Equal((1, 0), await _host.WrittenAsync());
        Assert.All(await _host.GuardiansAsync(), static guardian => Assert.Equal(1, guardian.GetProperty("records").GetInt64()));
    }

    [Fact]
    public async Task Ids_that_fold_together_or_could_not_be_stored_are_refused()
    {
        string psbt = Psbts.Paying(_host.Key, 1, 10_000).ToBase64();
        foreach (string id in (string[])["", "W1", "w1 ", " w1", "w\\u00b91", "ｗ1", "w1\\u0000", "-w1", "../w1", "w:1", new string('w', 65)])
        {
            (await PostAsync($$"""{"withdrawalId":"{{id}}","psbt":"{{psbt}}"}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "withdrawal_id_invalid");
        }
    }

    [Fact]
    public async Task C1_Ids_of_the_sessions_of_covenant_jobs_are_refused()
    {
        string psbt = Psbts.Paying(_host.Key, 1, 10_000).ToBase64();
        (await PostAsync($$"""{"withdrawalId":"job.1","psbt":"{{psbt}}"}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "session_id_reserved");
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_that_is_expected_is_refused()
    {
        string psbt = Psbts.Paying(_host.Key, 1, 10_000).ToBase64();
        foreach (string body in (string[])
            [
                "", "[]", "null", "{}", """{"withdrawalId":"w1"}""", $$"""{"psbt":"{{psbt}}"}""", """{"withdrawalId":"w1","psbt":null}""",
                $$"""{"withdrawalId":"w1","psbt":"{{psbt}}","debit":1}""", $$"""{"withdrawalId":"w1","withdrawalId":"w2","psbt":"{{psbt}}"}""",
                $$"""{"withdrawalId":"w1","psbt":"{{psbt}}"}{}""", $$"""{"WithdrawalId":"w1","psbt":"{{psbt}}"}""",
            ])
        {
            (await PostAsync(body)).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
        }

        (await PostAsync("""{"withdrawalId":"w1","psbt":"@@"}""")).ShouldBeProblem(HttpStatusCode.BadRequest, "psbt_not_base64");
        (await PostAsync("""{"withdrawalId":"w1","psbt":"aGVsbG8="}""")).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_not_a_psbt");
        (await _host.Api.PostAsync(Body("w1", psbt), $"{_host.WithdrawalsPath}?wiat=1")).ShouldBeProblem(HttpStatusCode.BadRequest, "unknown_parameter");
    }

    [Theory]
    [InlineData("-1", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("1.5", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("\"0\"", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("18446744073709551616", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("0", "withdrawal_too_old", HttpStatusCode.UnprocessableEntity)]
    [InlineData("9223372036854775808", "withdrawal_too_new", HttpStatusCode.UnprocessableEntity)]
    [InlineData("18446744073709551615", "withdrawal_too_new", HttpStatusCode.UnprocessableEntity)]
    public async Task G4_No_timestamp_passes_for_another(string timestamp, string code, HttpStatusCode status)
    {
        string psbt = Psbts.Paying(_host.Key, 1, 10_000).ToBase64();
        (await PostAsync($$"""{"withdrawalId":"w1","psbt":"{{psbt}}","timestamp":{{timestamp}}}""")).ShouldBeProblem(status, code);
    }

    [Fact]
    public async Task A_timestamp_outside_the_age_or_the_skew_is_refused_with_the_bound()
    {
        JsonElement old = (await _host.WithdrawAsync("w1", Psbts.Paying(_host.Key, 1, 10_000), _host.Clock.Now - 1801))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_too_old");
        JsonElement ahead = (await _host.WithdrawAsync("w1", Psbts.Paying(_host.Key, 1, 10_000), _host.Clock.Now + 301))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_too_new");

        Assert.Equal($"{_host.Clock.Now - 1800}", old.GetProperty("evidence").GetProperty("earliest").GetString());
        Assert.Equal($"{_host.Clock.Now + 300}", ahead.GetProperty("evidence").GetProperty("latest").GetString());
    }

    [Theory]
    [InlineData(0x8000_0000_0000_0000, 0)]
    [InlineData(0xffff_ffff_ffff_ffff, 0)]
    [InlineData(0x7fff_ffff_ffff_ffff, 0)]
    [InlineData(MostSat + 1, 0)]
    [InlineData(MostSat, 1)]
    [InlineData(MostSat, 0xffff_ffff_ffff_ffff)]
    public async Task G4_No_amount_and_no_sum_of_amounts_wraps_into_acceptance(ulong firstSat, ulong secondSat)
    {
        const long First = 0x0001_2345_6789;
        const long Second = 0x0001_9876_5432;
        byte[] psbt = Spending([First + Second], [new TxOut(First, Psbts.Stranger), new TxOut(Second, Psbts.Stranger)]).ToBytes();
        foreach ((long written, ulong wanted) in ((long, ulong)[])[(First, firstSat), (Second, secondSat)])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(psbt.AsSpan(psbt.AsSpan().IndexOf(BitConverter.GetBytes(written))), wanted);
        }

        (await PostAsync(Body("w1", Convert.ToBase64String(psbt)))).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_malformed");
    }

    [Fact]
    public async Task G4_Inputs_that_bring_more_than_there_is_are_refused()
    {
        Psbt psbt = Spending([(long)MostSat, (long)MostSat], [new TxOut((long)MostSat, Psbts.Stranger)]);

        (await _host.WithdrawAsync("w1", psbt)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "transaction_amount_out_of_range");
    }

    [Theory]
    [InlineData("""{"windows":[]}""", "guardian_rules_invalid", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":[{"name":"w","capacitySat":0,"refillSatPerSecond":1}]}""", "guardian_rules_invalid", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"windows":[{"name":"W","capacitySat":1,"refillSatPerSecond":1}]}""", "guardian_rules_invalid", HttpStatusCode.UnprocessableEntity)]
    [InlineData(
        """{"windows":[{"name":"w","capacitySat":1,"refillSatPerSecond":1},{"name":"w","capacitySat":2,"refillSatPerSecond":1}]}""",
        "guardian_rules_invalid",
        HttpStatusCode.UnprocessableEntity)]
    [InlineData(
        """{"windows":[{"name":"w","capacitySat":1,"refillSatPerSecond":1}],"maximumAgeSeconds":0}""",
        "guardian_rules_invalid",
        HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"windows":[{"name":"w","capacitySat":-1,"refillSatPerSecond":1}]}""", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":[{"name":"w","capacitySat":18446744073709551616,"refillSatPerSecond":1}]}""", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":[{"name":"w","capacitySat":1}]}""", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":null}""", "malformed_json", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":[null]}""", "guardian_rules_invalid", HttpStatusCode.BadRequest)]
    [InlineData("""{"windows":[{"name":"w","capacitySat":1,"refillSatPerSecond":1}],"delay":1}""", "malformed_json", HttpStatusCode.BadRequest)]
    public async Task Rules_that_cannot_be_used_are_refused_and_nothing_is_written(string rules, string code, HttpStatusCode status) =>
        (await _host.ConfigureAsync(rules)).ShouldBeProblem(status, code);

    [Fact]
    public async Task What_takes_nothing_from_the_group_is_no_withdrawal()
    {
        // Another's input pays the fee, and the group gets back all that it brings.
        TxOut own = new(50_000, Own);
        Transaction unsigned = new(2, [Input(0), Input(1)], [own], 0);
        Psbt psbt = Psbt.Create(unsigned, [own, new TxOut(1_000, Psbts.Stranger)], [_host.Key, null]);

        (await _host.WithdrawAsync("w1", psbt)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_amount_invalid");
    }

    [Fact]
    public async Task What_the_bucket_never_holds_is_refused_for_good()
    {
        Psbt psbt = Spending([600_000], [new TxOut(500_000, Psbts.Stranger), new TxOut(99_999, Own)]);

        JsonElement problem = (await _host.WithdrawAsync("w1", psbt)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_too_large");

        JsonElement evidence = problem.GetProperty("evidence");
        Assert.Equal(("terminal", "500001", "500000"), (Text(problem, "class"), Text(evidence, "needed"), Text(evidence, "capacity")));
    }

    [Theory]
    [InlineData(SighashType.None)]
    [InlineData(SighashType.Single)]
    [InlineData(SighashType.AllAnyoneCanPay)]
    public async Task What_leaves_the_transaction_open_is_no_withdrawal_even_where_the_operator_allows_such_hash_types(SighashType type) =>
        (await _host.WithdrawAsync("w1", Psbts.Paying(_host.Key, 1, 10_000).WithSighashType(0, type)))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "withdrawal_not_whole");

    [Fact]
    public async Task What_pays_nothing_of_the_group_is_refused()
    {
        Psbt foreign = Psbts.Paying(Point.Generator.XOnly, 1, 10_000);
        (await _host.WithdrawAsync("w1", foreign)).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_foreign_key");
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("500000", true)]
    [InlineData("500001", false)]
    [InlineData("9223372036854775808", false)]
    [InlineData("18446744073709551615", false)]
    public async Task Capacity_tells_when_an_amount_is_there_or_nothing_where_it_never_is(string amount, bool isEver)
    {
        JsonElement capacity = (await _host.Api.GetAsync($"{_host.GroupPath}/capacity?amount={amount}")).Json;

        Assert.Equal(isEver, capacity.TryGetProperty("availableAt", out JsonElement at));
        Assert.Equal(isEver ? _host.Clock.Now : 0, isEver ? at.GetUInt64() : 0);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1e3")]
    [InlineData("")]
    [InlineData("18446744073709551616")]
    public async Task Capacity_takes_whole_amounts_of_64_bits_and_nothing_else(string amount) =>
        (await _host.Api.GetAsync($"{_host.GroupPath}/capacity?amount={Uri.EscapeDataString(amount)}"))
            .ShouldBeProblem(HttpStatusCode.BadRequest, "amount_invalid");

    private Script Own => Taproot.ScriptPubKey(Taproot.OutputKey(_host.Key, merkleRoot: null));

    private static string Body(string id, string psbt) => $$"""{"withdrawalId":"{{id}}","psbt":"{{psbt}}"}""";

    private Task<Answer> PostAsync(string body) => _host.Api.PostAsync(body, _host.WithdrawalsPath);

    private static TxIn Input(int number) => new(new OutPoint(new Txid(FixedBytes.ParseHex<Bytes32>(new string('9', 64))), (uint)number));

    private Psbt Spending(long[] inputsSat, TxOut[] outputs) => Psbt.Create(
        new Transaction(2, [.. inputsSat.Select(static (_, number) => Input(number))], outputs, 0),
        [.. inputsSat.Select(amount => new TxOut(amount, Own))],
        [.. inputsSat.Select(_ => (XOnlyPublicKey?)_host.Key)]);

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    /// <summary>The one host of these tests.</summary>
    public sealed class Guarded : IAsyncLifetime
    {
        internal GuardedHost Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await GuardedHost.StartAsync(CapacitySat);

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
