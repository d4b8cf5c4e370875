using System.Text.Json;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>The verbs <c>config</c> and <c>healthcheck</c> as people and containers run them.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-config-").FullName;

    [Fact]
    public async Task Any_file_of_the_notation_is_shown_as_one_object()
    {
        string path = Write("name = kill, after = ${WHEN}, steps = [{ at = 2s, count = 3 }]");
        JsonElement shown =
            (await SignerProcess.RunAsync(new Dictionary<string, string> { ["WHEN"] = "5s" }, "config", "show", path, "--any", "--json")).Done();
        Assert.Equal("""{"name":"kill","after":"5s","steps":[{"at":"2s","count":3}]}""", shown.GetRawText());
    }

    [Fact]
    public async Task A_configuration_that_no_node_may_start_with_ends_with_two_and_says_why()
    {
        JsonElement error = (await SignerProcess.RunAsync("config", "check", Write("node.nam = x"), "--json")).Failed(2, "config_invalid");
        Assert.Contains("Did you mean node.name?", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_cannot_be_reached_is_not_well() =>
        (await SignerProcess.RunAsync("healthcheck", "--url", "http://127.0.0.1:1/readyz", "--json")).Failed(3, "server_unreachable");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "a.conf");
        File.WriteAllText(path, text);
        return path;
    }
}
