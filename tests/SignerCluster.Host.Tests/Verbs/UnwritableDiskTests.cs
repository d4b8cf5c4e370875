using System.Net;
using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class UnwritableDiskTests(DataFixture data) : IClassFixture<DataFixture>
{
    /// <summary>The disk is one of its own, in a mount namespace that is reached through the process.</summary>
    [FactWhereNamespacesArePermitted]
    public async Task Readiness_tells_that_the_journal_cannot_be_written_and_why_and_is_well_again_when_there_is_room()
    {
        string small = data.PathOf("small-disk");
        Directory.CreateDirectory(small);
        await using SignerProcess up = SignerProcess.StartInNamespace(
            $"mount -t tmpfs -o size=8m tmpfs {small} && cp -r {data.Data}/coordinator {data.Data}/participants {small}/",
            ["up", "--data", small, "--http", "127.0.0.1:0", "--allow-raw"]);
        string url = (await up.WaitForLineAsync("signer is up at ")).Split("signer is up at ")[1].Split(';')[0];
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        using (HttpResponseMessage ready = await client.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        string ballast = $"/proc/{up.Id}/root{small}/ballast";
        Fill(ballast);
        JsonElement problem = await UntilAsync(client, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("not_ready", problem.GetProperty("code").GetString());
        Assert.Equal("down", problem.GetProperty("evidence").GetProperty("journal").GetString());
        Assert.Equal("disk_full", problem.GetProperty("evidence").GetProperty("fault").GetString());
        Assert.Contains("Make room on its disk.", problem.GetProperty("detail").GetString());

        File.Delete(ballast);
        await UntilAsync(client, HttpStatusCode.OK);
        (await SignerProcess.RunAsync(
            "sign", "--url", url, "--group", data.Group, "--message", DataFixture.Message, "--session", "after-the-ballast", "--json")).Done();
    }

    private static void Fill(string path)
    {
        using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (int size in (int[])[4096, 1])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // No more of this size fits.
            }
        }
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, HttpStatusCode wanted)
    {
        using CancellationTokenSource watchdog = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            using HttpResponseMessage answer = await client.GetAsync("/readyz", watchdog.Token);
            if (answer.StatusCode == wanted)
            {
                return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(watchdog.Token)).RootElement;
            }
        }
    }
}
