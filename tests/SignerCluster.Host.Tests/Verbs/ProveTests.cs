using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Tests.Http;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class ProveTests(DataFixture data) : IClassFixture<DataFixture>
{
    private const string Text = "for 'the' auditor: 1,5 ₿";

    [Fact]
    public async Task An_address_is_proved_by_the_cluster_of_a_directory_and_the_same_session_gives_the_same_proof_in_either_form()
    {
        JsonElement simple = (await ProveAsync("--index", "5", "--session", "audit", "--network", "regtest")).Done();
        Assert.Equal(
            ["session", "group", "path", "address", "message", "format", "proof", "outputKey", "signature", "attempts", "elapsedMs"],
            simple.EnumerateObject().Select(static field => field.Name));
        Assert.Equal(("audit", "m/0/5", Text, "simple"), (Of(simple, "session"), Of(simple, "path"), Of(simple, "message"), Of(simple, "format")));
        Verify(simple, Network.Regtest);
        JsonElement full = (await ProveAsync("--path", "m/0/5", "--session", "audit", "--full")).Done();
        Assert.StartsWith("ful", Of(full, "proof"));
        Verify(full, Network.Mainnet);
        Assert.Equal(Of(simple, "signature"), Of(full, "signature"));
        (await ProveAsync("--session", "audit")).Failed(1, "session_conflict");

        Ended shown = await SignerProcess.RunAsync("prove", "--data", data.Data, "--group", data.Group, "--message", Text, "--index", "5", "--session", "audit");
        Assert.Contains($"proof    {Of(simple, "proof")}", shown.Out);
    }

    [Fact]
    public async Task A_running_signer_proves_too()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        JsonElement proved = (await SignerProcess.RunAsync(
            "prove", "--url", host.Api.Url.ToString(), "--group", $"{host.Group}", "--message", Text, "--path", "m/1/2", "--json")).Done();
        Assert.Equal("m/1/2", Of(proved, "path"));
        Verify(proved, Network.Mainnet);
    }

    [Fact]
    public async Task Bad_arguments_name_the_option_and_the_rule()
    {
        (await SignerProcess.RunAsync("prove", "--data", data.Data, "--group", data.Group, "--json")).Failed(2, "message_required");
        (await ProveAsync("--index", "1", "--path", "m/0/1")).Failed(2, "index_or_path");
        (await ProveAsync("--path", "m/0'/1")).Failed(2, "path_hardened");
        (await ProveAsync("--url", "http://127.0.0.1:1")).Failed(2, "data_or_url");
        (await ProveAsync("--timeout", "0")).Failed(2, "timeout_out_of_range");
        Ended help = await SignerProcess.RunAsync("prove", "--help");
        Assert.Contains("Example: signer prove ", help.Out);
    }

    [Fact]
    public async Task D7_A_proof_that_times_out_says_how_to_continue()
    {
        using (data.WithoutSeats(0, 1))
        {
            JsonElement error = (await ProveAsync("--index", "1", "--session", "slow", "--timeout", "0.5")).Failed(3, "timed_out");
            Assert.Equal(
                $"signer prove --data {data.Data} --group {data.Group} --message 'for '\\''the'\\'' auditor: 1,5 ₿' --path m/0/1 --session slow",
                error.GetProperty("evidence").GetProperty("resume").GetString());
        }

        Verify((await ProveAsync("--path", "m/0/1", "--session", "slow")).Done(), Network.Mainnet);
    }

    private Task<Ended> ProveAsync(params string[] more) =>
        SignerProcess.RunAsync(["prove", "--data", data.Data, "--group", data.Group, "--message", Text, "--json", .. more]);

    private static void Verify(JsonElement proved, Network network)
    {
        Assert.True(OutputAddress.TryDecode(network, Of(proved, "address"), out Script? script, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.True(MessageProof.TryVerify(script, Text, Of(proved, "proof"), out _, out refusal), refusal?.ToString());
    }

    private static string Of(JsonElement proved, string name) => proved.GetProperty(name).GetString()!;
}
