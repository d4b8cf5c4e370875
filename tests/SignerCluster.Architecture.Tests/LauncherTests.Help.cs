using System.Diagnostics;

namespace SignerCluster.Architecture.Tests;

/// <summary>F18: help is there before the first build and beside a running one.</summary>
public sealed partial class LauncherTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(0, true, "--help")]
    [InlineData(0, true, "sign", "--help")]
    [InlineData(0, true, "simulate", "-h")]
    [InlineData(0, true, "cluster", "status", "--help")]
    public void F18_Help_before_the_first_build_lists_the_verbs_and_builds_nothing(int exit, bool isResult, params string[] words)
    {
        (int ended, string output, string errors) = Run(words);
        Assert.Equal(exit, ended);
        Assert.All(
            (string[])["demo", "keygen", "sign", "withdraw", "withdrawal", "guardian", "prove", "approve", "policy", "registry", "up", "session", "group",
                "keys", "journal", "node", "seat", "config", "pki", "healthcheck", "completion", "cluster", "bench", "test", "simulate", "chaos"],
            verb => Assert.Contains($"  {verb} ", isResult ? output : errors, StringComparison.Ordinal));
        Assert.Equal(isResult, errors.Length == 0);
        Assert.Empty(Calls("dotnet"));
    }

    [Theory]
    [InlineData("signer.dll sign --help", "sign", "--help")]
    [InlineData("signer.dll ")]
    [InlineData("signer-simulator.dll --help", "simulate", "--help")]
    [InlineData("signer-workbench.dll cluster up -h", "cluster", "up", "-h")]
    [InlineData("signer-chaos.dll run --help", "chaos", "run", "--help")]
    public void F18_Help_is_that_of_the_last_build_also_when_sources_changed(string asked, params string[] words)
    {
        foreach (string program in (string[])["Host/release/signer", "Simulator/release/signer-simulator", "Workbench/release/signer-workbench",
            "Chaos/release/signer-chaos"])
        {
            string path = Path.Combine(_root, $"artifacts/bin/SignerCluster.{program}.dll");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Empty);
        }

        Assert.Equal(7, Run(words).Exit);
        Assert.EndsWith($"/{asked}".TrimEnd(), Assert.Single(Calls("dotnet")).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void F18_Help_waits_for_a_build_that_runs_and_says_so()
    {
        Directory.CreateDirectory(Path.Combine(_root, "artifacts/launcher"));
        string held = Path.Combine(_root, "artifacts/launcher/build.lock");
        File.WriteAllText(held, string.Empty);
        using Process build = Process.Start(new ProcessStartInfo("flock", [held, "cat"]) { UseShellExecute = false, RedirectStandardInput = true })!;
        while (TryLock(held))
        {
        }

        using Process help = Start(["sign", "--help"]);
        Assert.Equal("signer: a build runs; waiting for its end…", help.StandardError.ReadLine());
        build.StandardInput.Close();
        Assert.Contains("  keygen ", help.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        help.WaitForExit();
        Assert.Equal(0, help.ExitCode);
    }

    private static bool TryLock(string path)
    {
        using Process attempt = Process.Start("flock", ["-n", path, "true"]);
        attempt.WaitForExit();
        return attempt.ExitCode == 0;
    }

    [Fact]
    public void F18_Help_for_the_tests_runs_none()
    {
        (int exit, string output, _) = Run("test", "--help");
        Assert.Equal(0, exit);
        Assert.StartsWith("usage: signer test [--cluster]", output, StringComparison.Ordinal);
        Assert.Empty(Calls("dotnet"));
    }
}
