using System.Diagnostics;
using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class UpTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task Up_serves_signs_shows_keeps_others_out_and_ends_cleanly()
    {
        await using SignerProcess up = Start("--allow-raw");
        string url = await UrlAsync(up);
        JsonElement signed = (await SignerProcess.RunAsync(
            "sign", "--url", url, "--group", data.Group, "--message", DataFixture.Message, "--session", "served", "--json")).Done();
        Assert.Equal("served", signed.GetProperty("session").GetString());

        string psbt = data.Write("payment", data.Payment(inputs: 2).ToPsbt());
        JsonElement paid = (await SignerProcess.RunAsync("sign", "--url", url, "--group", data.Group, "--psbt", psbt, "--json")).Done();
        Assert.Equal(2, paid.GetProperty("inputs").GetArrayLength());
        Assert.NotNull(paid.GetProperty("transaction").GetString());

        JsonElement remote = (await SignerProcess.RunAsync("session", "show", "served", "--url", url, "--json")).Done();
        JsonElement local = (await SignerProcess.RunAsync("session", "show", "served", "--data", data.Data, "--json")).Done();
        Assert.Equal(remote.GetRawText(), local.GetRawText());
        Assert.Equal(signed.GetProperty("signature").GetString(), local.GetProperty("signature").GetString());
        JsonElement remoteList = (await SignerProcess.RunAsync("session", "list", "--url", url, "--json")).Done();
        Assert.Contains(remoteList.GetProperty("sessions").EnumerateArray(), static session => session.GetProperty("session").GetString() == "served");

        (await SignerProcess.RunAsync("sign", "--url", url, "--group", data.Group, "--message", new string('b', 64), "--session", "served", "--json"))
            .Failed(1, "session_conflict");
        (await SignerProcess.RunAsync("sign", "--url", url, "--group", new string('1', 64), "--message", DataFixture.Message, "--json"))
            .Failed(1, "unknown_group");
        (await data.SignMessageAsync("elsewhere")).Failed(3, "data_in_use");

        Ended ended = await up.StopAsync();
        Assert.Equal(0, ended.ExitCode);
        (await SignerProcess.RunAsync("session", "list", "--url", url, "--json")).Failed(3, "server_unreachable");
    }

    [Fact]
    public async Task D7_a_session_that_was_open_when_up_stopped_resumes_at_the_next_start()
    {
        string[] sign = ["sign", "--group", data.Group, "--message", DataFixture.Message, "--session", "open", "--json"];
        using (data.WithoutSeats(0, 2))
        {
            await using SignerProcess crippled = Start("--allow-raw");
            string url = await UrlAsync(crippled);
            (await SignerProcess.RunAsync([.. sign, "--timeout", "1", "--url", url])).Failed(3, "timed_out");

            // On a busy machine the caller may give up before the session is durable.
            var waited = Stopwatch.StartNew();
            while ((await SignerProcess.RunAsync("session", "show", "open", "--url", url)).ExitCode != 0)
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "The session never came.");
            Assert.Equal(0, (await crippled.StopAsync("INT")).ExitCode);
        }

        await using SignerProcess up = Start("--allow-raw");
        string ready = await up.WaitForLineAsync("signer is up at ");
        Assert.EndsWith("sessions resumed: 1", ready);
        (await SignerProcess.RunAsync([.. sign, "--url", UrlOf(ready)])).Done();
        Assert.Equal(0, (await up.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task Up_refuses_to_listen_to_outsiders_without_a_token_and_reads_one_from_a_file()
    {
        Ended open = await SignerProcess.RunAsync("up", "--data", data.Data, "--http", "0.0.0.0:0");
        Assert.Equal(2, open.ExitCode);
        Assert.StartsWith("http_token_required", open.Error);
        Assert.Equal(2, (await SignerProcess.RunAsync("up", "--data", data.Data, "--http", "nonsense")).ExitCode);

        string token = data.Write("token", "0123456789abcdef0123456789abcdef\n"u8.ToArray());
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using SignerProcess up = Start("--token-file", token);
        string url = await UrlAsync(up);
        (await SignerProcess.RunAsync("group", "show", data.Group, "--url", url, "--token-file", token, "--json")).Done();
        (await SignerProcess.RunAsync("group", "list", "--url", url, "--json")).Failed(2, "token_missing");
    }

    private SignerProcess Start(params string[] more) => SignerProcess.Start(["up", "--data", data.Data, "--http", "127.0.0.1:0", .. more]);

    private static async Task<string> UrlAsync(SignerProcess up) => UrlOf(await up.WaitForLineAsync("signer is up at "));

    private static string UrlOf(string ready) => ready.Split("signer is up at ")[1].Split(';')[0];
}
