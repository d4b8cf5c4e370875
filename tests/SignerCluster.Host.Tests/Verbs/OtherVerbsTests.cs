using System.Diagnostics;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

public sealed class OtherVerbsTests
{
    [Fact]
    public async Task Demo_verifies_everything_names_the_liar_and_leaves_nothing_behind()
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("signer-demo-test-");
        JsonElement shown = (await SignerProcess.RunAsync(new Dictionary<string, string> { ["TMPDIR"] = temporary.FullName }, "demo", "--json")).Done();
        Assert.True(shown.GetProperty("verified").GetBoolean());
        Assert.Equal(0, Assert.Single(shown.GetProperty("culprits").EnumerateArray()).GetProperty("seat").GetInt32());
        JsonElement[] steps = [.. shown.GetProperty("steps").EnumerateArray()];
        JsonElement[] signatures = [.. steps.Where(static step => step.TryGetProperty("signature", out _))];
        Assert.Equal(10, signatures.Length);
        Assert.Equal(
            ["covenant", "guardian", "withdraw", "limit", "withdraw", "repeat", "repeat", "once"],
            steps.Select(Named).Where(static step => step is "covenant" or "guardian" or "withdraw" or "limit" or "repeat" or "once"));
        Assert.Equal(SignaturesOf("withdraw"), SignaturesOf("repeat"));
        Assert.True(Transaction.TryParse(Convert.FromHexString(shown.GetProperty("transaction").GetString()!), out Transaction? transaction, out _));
        Assert.Equal(3, transaction.Inputs.Count(static input => input.Witness.Count == 1));
        Assert.Equal(shown.GetProperty("txid").GetString(), transaction.Txid.ToString());
        Assert.DoesNotContain(temporary.EnumerateDirectories(), static left => left.Name.StartsWith("signer-"));
        temporary.Delete(recursive: true);

        static string? Named(JsonElement step) => step.GetProperty("step").GetString();

        IEnumerable<string?> SignaturesOf(string step) => steps.Where(one => Named(one) == step).Select(static one => one.GetProperty("signature").GetString());
    }

    [Fact]
    public async Task Keygen_prints_a_group_whose_address_follows_from_its_key()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("signer-keygen-");
        string data = Path.Combine(folder.FullName, "new");
        JsonElement made =
            (await SignerProcess.RunAsync("keygen", "--data", data, "--participants", "4", "--threshold", "3", "--network", "regtest", "--json")).Done();
        Assert.Equal(["group", "outputKey", "address", "threshold", "participants"], made.EnumerateObject().Select(static field => field.Name));
        Assert.True(XOnlyPublicKey.TryParseHex(made.GetProperty("group").GetString(), out XOnlyPublicKey key));
        XOnlyPublicKey outputKey = Taproot.OutputKey(key, merkleRoot: null);
        Assert.Equal(outputKey.ToString(), made.GetProperty("outputKey").GetString());
        Assert.Equal(SegwitAddress.PayToTaproot(Network.Regtest, outputKey), made.GetProperty("address").GetString());
        Assert.Equal((3, 4), (made.GetProperty("threshold").GetInt32(), made.GetProperty("participants").GetInt32()));

        JsonElement listed = (await SignerProcess.RunAsync("group", "list", "--data", data, "--json")).Done();
        Assert.Equal(key.ToString(), Assert.Single(listed.GetProperty("groups").EnumerateArray()).GetProperty("group").GetString());
        JsonElement shown = (await SignerProcess.RunAsync("group", "show", key.ToString(), "--data", data, "--json")).Done();
        Assert.Equal(4, shown.GetProperty("publicShares").GetArrayLength());
        (await SignerProcess.RunAsync("group", "show", new string('1', 64), "--data", data, "--json")).Failed(1, "unknown_group");
        (await SignerProcess.RunAsync("session", "list", "--data", data, "--json")).Done();
        (await SignerProcess.RunAsync("session", "show", "none", "--data", data, "--json")).Failed(1, "session_not_found");
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("3", "4")]
    [InlineData("3", "0")]
    [InlineData("129", "2")]
    public async Task Keygen_refuses_a_bad_size_naming_the_rule_and_makes_nothing(string participants, string threshold)
    {
        string data = Path.Combine(Path.GetTempPath(), $"signer-{Guid.NewGuid():N}");
        JsonElement error = (await SignerProcess.RunAsync("keygen", "--data", data, "--participants", participants, "--threshold", threshold, "--json"))
            .Failed(2, "threshold_out_of_range");
        Assert.Contains("1 ≤ threshold ≤ participants ≤ 128", error.GetProperty("message").GetString());
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task Missing_native_libraries_are_named_with_their_packages()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("signer-libraries-");
        string data = Path.Combine(folder.FullName, "data");
        Dictionary<string, string> noCurve = new() { ["SIGNER_SECP256K1_LIBRARY"] = "/nowhere/libsecp256k1.so" };
        JsonElement error = (await SignerProcess.RunAsync(noCurve, "keygen", "--data", data, "--participants", "3", "--threshold", "2", "--json"))
            .Failed(3, "native_library_missing");
        Assert.Contains("apt-get install libsecp256k1-1", error.GetProperty("message").GetString());
        Dictionary<string, string> noSqlite = new() { ["SIGNER_SQLITE_LIBRARY"] = "/nowhere/libsqlite3.so" };
        Ended keygen = await SignerProcess.RunAsync(noSqlite, "keygen", "--data", data, "--participants", "3", "--threshold", "2", "--json");
        error = keygen.Failed(3, "sqlite_missing");
        Assert.Contains("apt-get install libsqlite3-0", error.GetProperty("message").GetString());
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("cluster")]
    [InlineData("pki certificates")]
    public async Task A_verb_of_the_workbench_is_refused_with_the_place_where_it_is(string words)
    {
        JsonElement error = (await SignerProcess.RunAsync([.. words.Split(' '), "up", "--sessions", "1", "--json"])).Failed(2, "workbench_only");
        Assert.Contains($"./signer {words}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(256)]
    public async Task F16_With_too_few_open_files_it_says_how_many_it_needs(int files)
    {
        await using SignerProcess process = SignerProcess.StartWithFiles(files, "demo --json");
        JsonElement error = (await process.WaitAsync()).Failed(2, "open_files_limit");
        Assert.Contains("ulimit -n 512", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task F18_Whoever_names_no_verb_gets_the_help_and_the_exit_code_of_a_wrong_command_line()
    {
        Ended alone = await SignerProcess.RunAsync();
        Assert.Equal((2, string.Empty), (alone.ExitCode, alone.Out));
        Assert.Contains("  keygen ", alone.Error);
        Ended half = await SignerProcess.RunAsync("group");
        Assert.Equal((2, string.Empty), (half.ExitCode, half.Out));
        Assert.Contains("  show <G> ", half.Error);
        (await SignerProcess.RunAsync("group", "--json")).Failed(2, "usage");
    }

    [Fact]
    public async Task F18_An_error_names_the_verb_and_the_word_as_they_are_typed()
    {
        JsonElement error = (await SignerProcess.RunAsync("group", "show", "--json")).Failed(2, "usage");
        Assert.EndsWith("See: signer group show --help", error.GetProperty("message").GetString());
        error = (await SignerProcess.RunAsync("group", "show", "12", "--data", "/nowhere", "--json")).Failed(2, "group_malformed");
        Assert.StartsWith("G: ", error.GetProperty("message").GetString());
        error = (await SignerProcess.RunAsync("session", "show", "CaseX", "--data", "/nowhere", "--json")).Failed(2, "session_malformed");
        Assert.StartsWith("ID: ", error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("signer gro", "group")]
    [InlineData("signer group sh", "show")]
    [InlineData("signer group show --ur", "--url")]
    [InlineData("signer sign --psb", "--psbt")]
    [InlineData("signer withd", "withdraw withdrawal")]
    [InlineData("signer withdraw --ti", "--timestamp --timeout")]
    [InlineData("signer withdrawal li", "list")]
    [InlineData("signer guardian un", "unfreeze")]
    [InlineData("signer guardian configure --win", "--window")]
    [InlineData("signer guardian configure --window ho", "")]
    [InlineData("signer sign --data di", "")]
    [InlineData("signer registry ver", "verify")]
    [InlineData("signer registry sign --o", "--out")]
    [InlineData("signer cluster st", "status")]
    public async Task Completion_prints_a_script_that_completes_verbs_and_options(string typed, string completed)
    {
        Ended script = await SignerProcess.RunAsync("completion", "bash");
        Assert.Equal(0, script.ExitCode);
        string words = $"COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))";
        using Process bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", $"{script.Out}\n{words}; _signer; echo \"${{COMPREPLY[*]}}\""])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
        Assert.Equal(completed, (await bash.StandardOutput.ReadToEndAsync()).TrimEnd());
        await bash.WaitForExitAsync();
        Assert.Contains("bashcompinit", (await SignerProcess.RunAsync("completion", "zsh")).Out);
    }

    [Fact]
    public async Task Help_goes_to_stdout_and_an_unknown_verb_is_a_usage_error()
    {
        Ended help = await SignerProcess.RunAsync("--help");
        Assert.Equal(0, help.ExitCode);
        Assert.All(
            ["demo", "keygen", "up", "sign", "withdraw", "withdrawal", "guardian", "session", "group", "keys", "journal", "bench", "cluster"],
            verb => Assert.Contains($"  {verb}", help.Out));
        Ended unknown = await SignerProcess.RunAsync("sing");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Empty(unknown.Out);
        Assert.Contains("'sing'", unknown.Error);
    }
}
