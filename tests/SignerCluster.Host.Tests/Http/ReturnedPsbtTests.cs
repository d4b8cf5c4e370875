using System.Net;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>A payment that comes back signed, under the id that signed it, gets the recorded answer.</summary>
public sealed class ReturnedPsbtTests
{
    public static TheoryData<string> Paths => ["m", "m/0/5"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_finished_psbt_under_its_own_id_gets_the_answer_that_was_recorded(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Psbt psbt = Payment(host, path);
        Answer first = await host.PostAsync(Psbts.Body("paid", psbt), $"{host.SessionsPath}?wait=30");

        Answer again = await host.PostAsync(Psbts.Body("paid", PsbtOf(first)));

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task A_psbt_that_others_have_worked_on_meanwhile_is_still_the_same_payment()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Psbt psbt = WithStranger(host);
        Answer first = await host.PostAsync(Psbts.Body("shared", psbt), $"{host.SessionsPath}?wait=30");
        Assert.False(first.Json.TryGetProperty("transaction", out _));
        Assert.Equal(first.Text, (await host.PostAsync(Psbts.Body("shared", PsbtOf(first)))).Text);
        Psbt more = PsbtOf(first).WithSighashType(1, Bitcoin.Spending.SighashType.All);
        Assert.Equal(first.Text, (await host.PostAsync(Psbts.Body("shared", more))).Text);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Under_any_other_id_it_is_refused_as_before_and_opens_nothing(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Psbt returned = PsbtOf(await host.PostAsync(Psbts.Body("paid", Payment(host, path)), $"{host.SessionsPath}?wait=30"));
        Psbt another = Psbts.Spending(host.GroupKey, inputs: 1);
        await host.PostAsync(Psbts.Body("another", another), $"{host.SessionsPath}?wait=30");
        await host.SignAsync("bare", new string('a', 64), wait: 30);
        // Final inputs of derived addresses no longer tell whose they are.
        string code = path == "m" ? "psbt_already_signed" : "psbt_foreign_key";
        foreach (string id in (string[])["new", "another", "bare"])
        {
            (await host.PostAsync(Psbts.Body(id, returned))).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, code);
        }

        (await host.GetAsync($"{host.SessionsPath}/new")).ShouldBeProblem(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task A_forged_signature_is_refused_under_the_id_of_the_session_too()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        Psbt psbt = WithStranger(host);
        Psbt returned = PsbtOf(await host.PostAsync(Psbts.Body("paid", psbt), $"{host.SessionsPath}?wait=30"));
        Bytes64 forged = FixedBytes.ParseHex<Bytes64>(new string('1', 128));
        (await host.PostAsync(Psbts.Body("paid", psbt.WithTapKeySignature(0, forged, Bitcoin.Spending.SighashType.Default))))
            .ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_invalid_signature");
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync(Psbts.Body("paid", returned))).Status);
    }

    private static Psbt Payment(ApiHost host, string path)
    {
        Assert.True(DerivationPath.TryParse(path, out DerivationPath? parsed, out _));
        return Psbts.FromPaths(host.GroupKey, [parsed], DerivationPath.Change(0));
    }

    /// <summary>Spends an output of the group and one of a stranger, who has not signed.</summary>
    private static Psbt WithStranger(ApiHost host)
    {
        Psbt own = Psbts.Spending(host.GroupKey, inputs: 2);
        TxOut strangers = new(50_000, Bitcoin.Spending.Taproot.ScriptPubKey(Point.Generator.XOnly));
        return Psbt.Create(own.UnsignedTransaction, [own.Prevouts[0]!, strangers], [null, null]);
    }

    private static Psbt PsbtOf(Answer answer)
    {
        byte[] bytes = Convert.FromBase64String(answer.Json.GetProperty("psbt").GetString()!);
        Assert.True(Psbt.TryParse(bytes, out Psbt? psbt, out BitcoinRefusal? refusal), refusal?.ToString());
        return psbt;
    }
}
