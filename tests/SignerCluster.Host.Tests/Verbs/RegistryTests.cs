using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>An operator signs a registry, and sees what a node takes from it.</summary>
public sealed class RegistryTests : IDisposable
{
    private const string Key1 = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private const string Key2 = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-registry-verb-");
    private readonly string _key;

    public RegistryTests()
    {
        using IdentityKey made = IdentityKey.Create(PathOf("registry.key"), Wiring.Entropy);
        _key = made.Public.ToString();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task C6_What_was_signed_is_what_a_node_takes_and_what_was_left_out_is_absent()
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        JsonElement signed = (await SignAsync(Draft(now), "--out", PathOf("registry.json"), "--json")).Done();
        Assert.Equal((_key, "regtest"), (Of(signed, "key"), Of(signed, "network")));
        Assert.Equal(PathOf("registry.json"), Of(signed, "file"));

        JsonElement taken = (await VerifyAsync("--network", "regtest", "--json")).Done();
        Assert.Equal(["network", "asOf", "reserves"], taken.EnumerateObject().Select(static member => member.Name));
        Assert.Equal(now, taken.GetProperty("asOf").GetInt64());
        JsonElement[] reserves = [.. taken.GetProperty("reserves").EnumerateArray()];
        Assert.Equal(["alpha", "beta"], reserves.Select(static reserve => Of(reserve, "reserve")));
        Assert.Equal((7, "required"), (reserves[0].GetProperty("epoch").GetInt32(), Of(reserves[0], "certificate")));
        Assert.Equal(
            ["reserve", "epoch", "groups", "custodians", "certificate"], reserves[1].EnumerateObject().Select(static member => member.Name));

        Ended shown = await VerifyAsync();
        Assert.Contains("height    unknown", shown.Out);
        Assert.Contains("  depositors   anybody", shown.Out);
    }

    [Fact]
    public async Task Without_a_place_the_signed_file_goes_to_standard_output()
    {
        Ended signed = await SignAsync(Draft(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        Assert.Equal(0, signed.ExitCode);
        Assert.Equal(["registry", "signature"], signed.Json().EnumerateObject().Select(static member => member.Name));
        await File.WriteAllTextAsync(PathOf("registry.json"), signed.Out);
        (await VerifyAsync("--json")).Done();
        // Signed anew, of another time.
        JsonObject draft = JsonNode.Parse(signed.Out)!.AsObject();
        draft["registry"]!["asOf"] = 1;
        (await SignAsync(draft.ToJsonString(), "--out", PathOf("registry.json"), "--json")).Done();
        JsonElement error = (await VerifyAsync("--json")).Failed(1, "registry_stale");
        Assert.Equal("recoverable", Of(error, "class"));
        (await VerifyAsync("--maximum-age", "0", "--json")).Done();
        (await VerifyAsync("--maximum-age", "-1", "--json")).Failed(2, "age_out_of_range");
    }

    [Fact]
    public async Task C6_Each_reason_not_to_take_a_registry_ends_with_its_code()
    {
        (await VerifyAsync("--json")).Failed(2, "registry_missing");
        Directory.CreateDirectory(PathOf("registry.json"));
        (await VerifyAsync("--json")).Failed(2, "registry_unreadable");
        Directory.Delete(PathOf("registry.json"));
        await File.WriteAllTextAsync(PathOf("registry.json"), "{}");
        (await VerifyAsync("--json")).Failed(2, "registry_malformed");

        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        (await SignAsync(Draft(now + 3_600), "--out", PathOf("registry.json"), "--json")).Done();
        (await VerifyAsync("--json")).Failed(1, "registry_from_the_future");
        (await SignAsync(Draft(now), "--out", PathOf("registry.json"), "--json")).Done();
        (await VerifyAsync("--network", "signet", "--json")).Failed(1, "registry_network_mismatch");
        byte[] file = await File.ReadAllBytesAsync(PathOf("registry.json"));
        await File.WriteAllTextAsync(PathOf("registry.json"), Encoding.UTF8.GetString(file).Replace("\"epoch\":7", "\"epoch\":8"));
        JsonElement error = (await VerifyAsync("--json")).Failed(1, "registry_signature_invalid");
        Assert.Equal("terminal", Of(error, "class"));
        (await SignerProcess.RunAsync("registry", "verify", "--registry", PathOf("registry.json"), "--key", "12", "--json")).Failed(2, "key_malformed");
    }

    [Fact]
    public async Task C6_What_no_registry_may_say_is_not_signed_and_nothing_is_written()
    {
        JsonElement error = (await SignAsync(Draft(1).Replace("\"epoch\":7", "\"epoch\":null"), "--out", PathOf("registry.json"), "--json"))
            .Failed(2, "registry_malformed");
        Assert.Contains("a null at byte", Of(error, "message"));
        error = (await SignAsync(Draft(1).Replace(Key1, Key1.ToUpperInvariant()), "--json")).Failed(2, "registry_malformed");
        Assert.Contains("$.registry.reserves.alpha.groups[0]", Of(error, "message"));
        (await SignAsync(Draft(1), "--out", PathOf("nowhere/registry.json"), "--json")).Failed(2, "out_invalid");
        File.SetUnixFileMode(PathOf("registry.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        (await SignAsync(Draft(1), "--json")).Failed(2, "key_file_exposed");
        File.Delete(PathOf("registry.key"));
        (await SignAsync(Draft(1), "--json")).Failed(2, "identity_missing");
        Assert.False(File.Exists(PathOf("registry.json")));
    }

    private static string Draft(long asOf) =>
        $$"""
        {
          "version": 1, "asOf": {{asOf}}, "network": "regtest",
          "reserves": {
            "alpha": {
              "epoch":7, "groups": ["{{Key1}}"], "depositors": ["{{Key2}}"], "custodians": ["{{Key2}}"], "quoter": "{{Key2}}", "certificate": "required"
            },
            "beta": {"epoch":1, "groups": ["{{Key2}}"], "custodians": [], "certificate": "none"}
          }
        }
        """;

    private static string Of(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task<Ended> SignAsync(string draft, params string[] more)
    {
        await File.WriteAllTextAsync(PathOf("draft.json"), draft);
        return await SignerProcess.RunAsync(["registry", "sign", "--registry", PathOf("draft.json"), "--key", PathOf("registry.key"), .. more]);
    }

    private Task<Ended> VerifyAsync(params string[] more) =>
        SignerProcess.RunAsync(["registry", "verify", "--registry", PathOf("registry.json"), "--key", _key, .. more]);
}
