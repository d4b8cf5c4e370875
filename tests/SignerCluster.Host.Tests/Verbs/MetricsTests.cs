using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class MetricsTests(DataFixture data) : IClassFixture<DataFixture>
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_signature_and_a_refusal_move_the_counters_of_a_running_signer_and_no_secret_or_id_is_among_them()
    {
        await using SignerProcess up = SignerProcess.Start(["up", "--data", data.Data, "--http", "127.0.0.1:0", "--allow-raw"]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        string before = await client.GetStringAsync("/metrics");
        Assert.Equal(1, Sum(before, "signer_keys_epoch", "party=\"coordinator\""));
        Assert.Equal(0, Sum(before, "signer_signatures_total"));
        // The keys were opened, and so a history read, before anybody could scrape.
        string[] sign = ["sign", "--url", url, "--group", data.Group, "--session", "measured-session", "--json", "--message"];
        string signature = (await SignerProcess.RunAsync([.. sign, DataFixture.Message])).Done().GetProperty("signature").GetString()!;
        (await SignerProcess.RunAsync([.. sign, new string('b', 64)])).Failed(1, "session_conflict");

        // A scrape may be answered by the one before it for a moment.
        string after = await UntilAsync(client, static metrics => Sum(metrics, "signer_http_refusals_total") >= 1);
        Assert.Equal(1, Sum(after, "signer_sessions_total"));
        Assert.Equal(1, Sum(after, "signer_signatures_total"));
        Assert.InRange(Sum(after, "signer_attempts_total"), 1, 10);
        Assert.Equal(1, Sum(after, "signer_refusals_total", "code=\"session_conflict\""));
        Assert.Equal(1, Sum(after, "signer_http_refusals_total", "code=\"session_conflict\""));
        Assert.InRange(Sum(after, "signer_persist_duration_seconds_count", "outcome=\"ok\""), 4, 100);
        Assert.Equal(0, Sum(after, "signer_quarantined_entities"));
        Assert.InRange(Sum(after, "signer_nonces_held"), 0, 3);
        Assert.All(["measured-session", data.Group, signature, DataFixture.Message], secret => Assert.DoesNotContain(secret, after));
        Assert.Equal(0, (await up.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task Metrics_are_for_those_who_have_the_token()
    {
        string token = data.Write("token", System.Text.Encoding.ASCII.GetBytes(Token));
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using SignerProcess up = SignerProcess.Start(["up", "--data", data.Data, "--http", "127.0.0.1:0", "--token-file", token]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        using (HttpResponseMessage refused = await client.GetAsync("/metrics"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Equal(1, Sum(await client.GetStringAsync("/metrics"), "signer_http_refusals_total", "code=\"token_missing\""));
    }

    [Fact]
    public async Task A_collector_that_is_no_address_stops_the_start_and_is_named()
    {
        Ended ended = await SignerProcess.RunAsync(
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector" }, "up", "--data", data.Data, "--http", "127.0.0.1:0");
        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith("otlp_endpoint_invalid (usage): OTEL_EXPORTER_OTLP_ENDPOINT", ended.Error);
    }

    [Fact]
    public async Task OpenTelemetry_that_is_turned_off_leaves_a_signer_without_metrics()
    {
        await using SignerProcess up = SignerProcess.Start(
            ["up", "--data", data.Data, "--http", "127.0.0.1:0"], new Dictionary<string, string> { ["OTEL_SDK_DISABLED"] = "true" });
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(0, (await up.StopAsync()).ExitCode);
    }

    private static async Task<string> UntilAsync(HttpClient client, Func<string, bool> isThere)
    {
        using CancellationTokenSource watchdog = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            string metrics = await client.GetStringAsync("/metrics", watchdog.Token);
            if (isThere(metrics))
            {
                return metrics;
            }
        }
    }

    /// <summary>The sum of all series of a name that have a label; 0 for none.</summary>
    private static double Sum(string metrics, string name, string label = "") => metrics.Split('\n')
        .Where(line => (line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal)) && line.Contains(label))
        .Sum(static line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
}
