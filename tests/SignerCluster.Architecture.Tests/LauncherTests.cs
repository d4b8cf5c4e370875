using System.Diagnostics;
using System.Text;

namespace SignerCluster.Architecture.Tests;

/// <summary>The launcher on machines that are not this one: a copy of it in an empty checkout, with stand-ins for the tools that it asks.</summary>
public sealed partial class LauncherTests : IDisposable
{
    private const string BothLibraries = "libsecp256k1.so.1 (x) => /x\\nlibsqlite3.so.0 (x) => /x\\n";
    private readonly string _root = Directory.CreateTempSubdirectory("signer-launcher-").FullName;

    public LauncherTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "src/SignerCluster.Host"));
        Directory.CreateDirectory(Path.Combine(_root, "tools"));
        File.Copy(Repository.PathOf("signer"), Path.Combine(_root, "signer"));
        File.WriteAllText(Path.Combine(_root, "src/SignerCluster.Host/Program.cs"), "return 0;");
        Tool("ldconfig", $"printf '{BothLibraries}'");
        Tool("id", "echo 0");
        Tool("sudo", "exit 1");
        Tool("env", "shift; exec \"$@\"");
        Tool("apt-get", "echo \"apt-get $*\" >>\"$LOG\"");
        Tool("apt-cache", "echo known");
        Tool("dotnet", """
            echo "dotnet $*" >>"$LOG"
            case $1 in
              --version) echo "${SDK:-10.0.100}" ;;
              build) mkdir -p "$BUILT"; touch "$BUILT/signer.dll"; case $* in *Workbench*) mkdir -p "$WORKBENCH"; touch "$WORKBENCH/signer-workbench.dll" ;; *Simulator*) mkdir -p "$SIMULATOR"; touch "$SIMULATOR/signer-simulator.dll" ;; *Chaos*) mkdir -p "$CHAOS"; touch "$CHAOS/signer-chaos.dll" ;; esac; exit "${BUILD_EXIT:-0}" ;;
              *) echo "ran in $PWD with: ${*:2}"; exit 7 ;;
            esac
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void It_builds_once_and_again_only_when_a_source_changed()
    {
        Assert.Equal(7, Run("demo", "--json").Exit);
        Assert.Equal(7, Run("demo").Exit);
        Assert.Single(Calls("dotnet build"));
        File.WriteAllText(Path.Combine(_root, "src/SignerCluster.Host/More.cs"), "// more");
        Assert.Equal(7, Run("demo").Exit);
        Assert.Equal(2, Calls("dotnet build").Length);
    }

    [Fact]
    public void It_passes_on_every_word_as_it_is_and_stays_in_the_callers_folder()
    {
        (int exit, string output, string errors) = Run("sign", "--out", "a file", "", "--", "test");
        Assert.Equal(7, exit);
        Assert.Equal($"ran in {Path.Combine(_root, "tools")} with: sign --out a file  -- test\n", output);
        Assert.Equal(string.Empty, errors);
    }

    [Fact]
    public void A_build_that_fails_shows_its_noise_and_is_tried_again()
    {
        Assert.Equal(1, Run(["demo"], ("BUILD_EXIT", "1")).Exit);
        Assert.Equal(7, Run("demo").Exit);
        Assert.Equal(2, Calls("dotnet build").Length);
    }

    [Fact]
    public async Task Two_launchers_at_once_build_once()
    {
        Tool("dotnet", """
            case $1 in
              --version) echo 10.0.100 ;;
              build) mkdir "$BUILT.busy" || echo collision >>"$LOG"; echo "dotnet build" >>"$LOG"; for i in 1 2 3 4 5 6 7 8; do /bin/true; done; rmdir "$BUILT.busy"; mkdir -p "$BUILT"; touch "$BUILT/signer.dll" ;;
              *) exit 7 ;;
            esac
            """);
        Directory.CreateDirectory(Path.Combine(_root, "artifacts/bin/SignerCluster.Host"));
        (int Exit, string Output, string Errors)[] runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Run("demo"))));
        Assert.All(runs, static run => Assert.Equal(7, run.Exit));
        Assert.Single(Calls("dotnet build"));
        Assert.Empty(Calls("collision"));
    }

    [Theory]
    [InlineData("libsqlite3.so.0 (x) => /x\\n", "libsecp256k1-1", "libsqlite3-0")]
    [InlineData("libsecp256k1.so.2 (x) => /x\\n", "libsqlite3-0", "libsecp256k1")]
    public void As_root_it_installs_what_is_missing_and_nothing_else(string present, string installed, string not)
    {
        Tool("ldconfig", $"if [[ -e $LOG.installed ]]; then printf '{BothLibraries}'; else printf '{present}'; fi");
        Tool("apt-get", "echo \"apt-get $*\" >>\"$LOG\"; touch \"$LOG.installed\"");
        Assert.Equal(7, Run("demo").Exit);
        string install = Assert.Single(Calls("apt-get"));
        Assert.Contains($" install -y --no-install-recommends {installed}", install, StringComparison.Ordinal);
        Assert.DoesNotContain(not, install, StringComparison.Ordinal);
    }

    [Fact]
    public void It_asks_apt_for_its_lists_only_when_it_must_and_takes_the_newer_package_where_the_older_is_gone()
    {
        Tool("ldconfig", $"if [[ -e $LOG.installed ]]; then printf '{BothLibraries}'; fi");
        Tool("apt-get", "echo \"apt-get $*\" >>\"$LOG\"; case \"$*\" in *update*) touch \"$LOG.lists\" ;; *) touch \"$LOG.installed\" ;; esac");
        Tool("apt-cache", "if [[ -e $LOG.lists && $* != *libsecp256k1-1* ]]; then echo known; fi");
        Assert.Equal(7, Run("demo").Exit);
        string[] calls = Calls("apt-get");
        Assert.Equal(2, calls.Length);
        Assert.EndsWith("update", calls[0], StringComparison.Ordinal);
        Assert.EndsWith("libsecp256k1-2 libsqlite3-0", calls[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_right_to_install_it_says_what_to_type()
    {
        Tool("ldconfig", "printf ''");
        Tool("id", "echo 1000");
        (int exit, _, string errors) = Run("demo");
        Assert.Equal(3, exit);
        Assert.Contains("Type: sudo apt-get install libsecp256k1-1 libsqlite3-0", errors, StringComparison.Ordinal);
        Assert.Empty(Calls("apt-get"));
        Assert.Empty(Calls("dotnet"));
    }

    [Fact]
    public void An_operators_own_library_is_taken_and_one_that_is_not_there_is_refused()
    {
        Tool("ldconfig", "printf 'libsqlite3.so.0 (x) => /x\\n'");
        Assert.Equal(7, Run(["demo"], ("SIGNER_SECP256K1_LIBRARY", Path.Combine(_root, "signer"))).Exit);
        (int exit, _, string errors) = Run(["demo"], ("SIGNER_SECP256K1_LIBRARY", "/nowhere/libsecp256k1.so"));
        Assert.Equal(3, exit);
        Assert.Contains("/nowhere/libsecp256k1.so", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.0.404")]
    [InlineData("nonsense")]
    public void Another_SDK_than_the_tenth_is_refused_by_name(string version)
    {
        (int exit, _, string errors) = Run(["demo"], ("SDK", version));
        Assert.Equal(3, exit);
        Assert.Contains($"dotnet is {version}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Simulate_builds_the_simulator_and_hands_it_the_words()
    {
        (int exit, _, string errors) = Run("simulate", "--seeds", "1..9");
        Assert.Equal(2, exit);
        Assert.Contains("chaos/SignerCluster.Simulator", errors, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_root, "chaos/SignerCluster.Simulator"));
        (exit, string output, _) = Run("simulate", "--seeds", "1..9", "a word");
        Assert.Equal(7, exit);
        Assert.Equal($"ran in {Path.Combine(_root, "tools")} with: --seeds 1..9 a word\n", output);
        Assert.Equal(7, Run("simulate").Exit);
        Assert.Contains("chaos/SignerCluster.Simulator", Assert.Single(Calls("dotnet build")), StringComparison.Ordinal);
        Assert.Contains("signer-simulator.dll --seeds", Calls("dotnet ")[^2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bench", "--json")]
    [InlineData("cluster", "up")]
    [InlineData("pki", "certificates")]
    public void Verbs_of_development_go_to_the_workbench_whose_build_is_one_of_the_program_too(string verb, string word)
    {
        (int exit, string output, _) = Run([verb, word, "a word"], Elsewhere("/nowhere"));
        Assert.Equal(7, exit);
        Assert.Equal($"ran in {Path.Combine(_root, "tools")} with: {verb} {word} a word\n", output);
        Assert.Contains("signer-workbench.dll", Calls("dotnet ")[^1], StringComparison.Ordinal);
        Assert.Contains(" src/SignerCluster.Workbench ", Assert.Single(Calls("dotnet build")), StringComparison.Ordinal);
        Assert.Equal(7, Run("pki", "show", "certificates").Exit);
        Assert.Contains("/signer.dll", Calls("dotnet ")[^1], StringComparison.Ordinal);
        Assert.Single(Calls("dotnet build"));
        File.WriteAllText(Path.Combine(_root, "src/SignerCluster.Host/More.cs"), "// more");
        Assert.Equal(7, Run("demo").Exit);
        Assert.Contains(" src/SignerCluster.Host ", Calls("dotnet build")[^1], StringComparison.Ordinal);
        Assert.Equal(7, Run([verb, word], Elsewhere("/nowhere")).Exit);
        Assert.Equal(3, Calls("dotnet build").Length);
    }

    [Theory]
    [InlineData("cluster", "status")]
    [InlineData("bench", "--cluster")]
    [InlineData("chaos", "run")]
    public void What_starts_a_server_installs_it_first(string verb, string word)
    {
        Directory.CreateDirectory(Path.Combine(_root, "chaos/SignerCluster.Chaos"));
        Tool("apt-get", $"echo \"apt-get $*\" >>\"$LOG\"; mkdir -p {_root}/postgres; touch {_root}/postgres/initdb");
        (string, string)[] elsewhere = [("SIGNER_POSTGRES_PROGRAMS", $"{_root}/postgres")];
        Assert.Equal(7, Run([verb, word], elsewhere).Exit);
        string install = Assert.Single(Calls("apt-get"));
        Assert.EndsWith(" postgresql-15", install, StringComparison.Ordinal);
        Assert.DoesNotContain("libs", install, StringComparison.Ordinal);
        Assert.Equal(7, Run([verb, word], elsewhere).Exit);
        Assert.Single(Calls("apt-get"));
    }

    [Fact]
    public void What_starts_no_server_needs_none()
    {
        Assert.Equal(7, Run(["bench"], ("SIGNER_POSTGRES_PROGRAMS", "/nowhere")).Exit);
        Assert.Empty(Calls("apt-get"));
    }

    [Fact]
    public void Without_the_right_to_install_a_server_it_says_what_to_type()
    {
        Tool("id", "echo 1000");
        (int exit, _, string errors) = Run(["cluster", "up"], ("SIGNER_POSTGRES_PROGRAMS", "/nowhere"));
        Assert.Equal(3, exit);
        Assert.Contains("Type: sudo apt-get install postgresql-15", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("all", true)]
    [InlineData("clocks", true)]
    [InlineData("../chaos/scenarios/clocks.conf", true)]
    [InlineData("../chaos/scenarios", true)]
    [InlineData("others", false)]
    [InlineData("../chaos/scenarios/others.conf", false)]
    public void A_scenario_that_moves_clocks_has_libfaketime_installed(string scenario, bool moves)
    {
        WriteScenarios();
        string library = Path.Combine(_root, "libfaketime.so");
        Tool("apt-get", $"echo \"apt-get $*\" >>\"$LOG\"; touch {library}");
        Assert.Equal(7, Run(["chaos", "run", scenario], Elsewhere(library)).Exit);
        Assert.Equal(7, Run(["chaos", "run", scenario], Elsewhere(library)).Exit);
        Assert.Equal(moves ? 1 : 0, Calls("apt-get").Length);
        Assert.All(Calls("apt-get"), static install => Assert.EndsWith(" install -y --no-install-recommends libfaketime", install, StringComparison.Ordinal));
        File.Delete(library);
        Assert.Equal(7, Run(["chaos", "list", scenario], Elsewhere(library)).Exit);
        Assert.Equal(moves ? 1 : 0, Calls("apt-get").Length);
    }

    [Fact]
    public void Where_libfaketime_cannot_be_had_the_scenarios_run_without_it_and_it_says_what_to_type()
    {
        WriteScenarios();
        Tool("id", "echo 1000");
        (int exit, _, string errors) = Run(["chaos", "run", "all"], Elsewhere("/nowhere/libfaketime.so"));
        Assert.Equal(7, exit);
        Assert.Contains("Type: sudo apt-get install libfaketime", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tests_of_a_cluster_run_with_a_server_that_is_gone_afterwards()
    {
        foreach ((string name, string property) in (ReadOnlySpan<(string, string)>)[("A.Tests", ""), ("B.Tests", "<NeedsServers>true</NeedsServers>")])
        {
            Directory.CreateDirectory(Path.Combine(_root, "tests", name));
            File.WriteAllText(Path.Combine(_root, $"tests/{name}/{name}.csproj"), property);
        }

        File.WriteAllText(
            Path.Combine(_root, "SignerCluster.sln"), """Project = "tests\A.Tests\A.Tests.csproj" """ + '\n' + """Project = "tests\B.Tests\B.Tests.csproj" """);
        Tool("dotnet", """
            echo "dotnet $* $SIGNER_TEST_POSTGRES" >>"$LOG"
            case "$*" in
              --version) echo 10.0.100 ;;
              build*) mkdir -p "$BUILT"; touch "$BUILT/signer.dll" ;;
              *signer-chaos.dll\ run\ short) echo '3 passed, 1 failed'; exit 1 ;;
              *servers\ up*) mkdir -p "$6/servers"; echo '{"tests":{"SIGNER_TEST_POSTGRES":"Host=x;Port=1"}}' ;;
            esac
            """);
        (string, string)[] servers = [("SIGNER_POSTGRES_PROGRAMS", _root), ("TMPDIR", Path.Combine(_root, "tools"))];
        File.WriteAllText(Path.Combine(_root, "initdb"), string.Empty);

        Directory.CreateDirectory(Path.Combine(_root, "chaos/SignerCluster.Chaos"));
        (int exit, string output, _) = Run(["test", "--cluster"], servers);
        Assert.Equal(1, exit);
        Assert.Contains("chaos                                    3 passed, 1 failed", output, StringComparison.Ordinal);
        Assert.EndsWith("4 passed, 3 failed\n", output, StringComparison.Ordinal);
        Assert.EndsWith(
            "Host=x;Port=1", Assert.Single(Calls("dotnet test"), static call => call.Contains("B.Tests.dll", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("cluster down --data", Calls("dotnet ")[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root, "tools")));

        Run(["test"], servers);
        Assert.Single(Calls("dotnet test"), static call => call.Contains("B.Tests.dll", StringComparison.Ordinal));
        Assert.Equal(2, Calls("dotnet test").Count(static call => call.Contains("A.Tests.dll", StringComparison.Ordinal)));
        Assert.Equal(2, Run("test", "--nonsense").Exit);
    }

    // A machine that has PostgreSQL; libfaketime is to be found there and nowhere else.
    private (string, string)[] Elsewhere(string faketime)
    {
        File.WriteAllText(Path.Combine(_root, "initdb"), string.Empty);
        return [("SIGNER_POSTGRES_PROGRAMS", _root), ("SIGNER_FAKETIME_LIBRARY", faketime)];
    }

    private void WriteScenarios()
    {
        Directory.CreateDirectory(Path.Combine(_root, "chaos/SignerCluster.Chaos"));
        string folder = Directory.CreateDirectory(Path.Combine(_root, "chaos/scenarios")).FullName;
        File.WriteAllText(Path.Combine(folder, "clocks.conf"), "needs = [\"faketime\"]\n");
        File.WriteAllText(Path.Combine(folder, "others.conf"), "needs = [\"root\"]\n");
    }

    private (int Exit, string Output, string Errors) Run(params string[] arguments) => Run(arguments, []);

    private (int Exit, string Output, string Errors) Run(string[] arguments, params (string Name, string Value)[] variables)
    {
        using Process process = Start(arguments, variables);
        StringBuilder errors = new();
        process.ErrorDataReceived += (_, line) => errors.Append(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.ToString());
    }

    private Process Start(string[] arguments, params (string Name, string Value)[] variables)
    {
        string tools = Path.Combine(_root, "tools");
        ProcessStartInfo start = new(Path.Combine(_root, "signer"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = tools,
        };
        start.Environment["PATH"] = $"{tools}:/usr/bin:/bin";
        start.Environment["LOG"] = Path.Combine(_root, "tools/calls.txt");
        start.Environment["BUILT"] = Path.Combine(_root, "artifacts/bin/SignerCluster.Host/release");
        start.Environment["WORKBENCH"] = Path.Combine(_root, "artifacts/bin/SignerCluster.Workbench/release");
        start.Environment["SIMULATOR"] = Path.Combine(_root, "artifacts/bin/SignerCluster.Simulator/release");
        start.Environment["CHAOS"] = Path.Combine(_root, "artifacts/bin/SignerCluster.Chaos/release");
        start.Environment.Remove("SIGNER_SECP256K1_LIBRARY");
        start.Environment.Remove("LD_LIBRARY_PATH");
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private string[] Calls(string beginning)
    {
        string log = Path.Combine(_root, "tools/calls.txt");
        return File.Exists(log) ? [.. File.ReadAllLines(log).Where(line => line.StartsWith(beginning, StringComparison.Ordinal))] : [];
    }

    private void Tool(string name, string body)
    {
        string path = Path.Combine(_root, "tools", name);
        File.WriteAllText(path, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
