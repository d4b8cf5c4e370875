using SignerCluster.Simulation.Tests.Plants;

namespace SignerCluster.Simulation.Tests;

/// <summary>
/// Compiles the product with some of its sources replaced, by the compiler and the command line of the build that these tests came out of
/// (Directory.Build.targets keeps both). Production code knows nothing of it.
/// </summary>
internal static class MutantCompiler
{
    // A watchdog against a hang on a busy machine, never a wait.
    private static readonly TimeSpan _watchdog = TimeSpan.FromMinutes(3);

    // One warm compiler for all mutants of this process: three times as fast. It is nobody else's, and ends by itself when it has been idle for so long.
    private static readonly string[] _warm = [$"/shared:signer-mutants-{Environment.ProcessId}", "/keepalive:10"];

    // Analyzers judge style, and a mutant need not be tidy; generators write sources that it cannot do without.
    private static readonly string[] _generators = ["Generator", "SourceGeneration"];
    private static readonly string[] _dropped = ["/warnaserror", "/doc:", "/refout:", "/out:", "/embed", "/noconfig"];

    /// <summary>Compiles every assembly that the edits touch into the folder and returns their paths, with those of edited settings.</summary>
    internal static async Task<IReadOnlyList<string>> CompileAsync(IReadOnlyList<Edit> edits, TemporaryFolder folder)
    {
        List<string> mutants = [.. edits.Where(static edit => edit.IsOfSettings).GroupBy(static edit => edit.File).Select(file => Write(folder, file))];
        foreach (IGrouping<string, Edit> project in edits.Where(static edit => !edit.IsOfSettings).GroupBy(static edit => edit.Project))
        {
            mutants.Add(await CompileAsync(project.Key, [.. project], folder));
        }

        return mutants;
    }

    private static async Task<string> CompileAsync(string project, IReadOnlyList<Edit> edits, TemporaryFolder folder)
    {
        string objects = Checkout.Objects(project);
        string sources = Checkout.PathOf($"src/{project}");
        string assembly = folder.PathOf($"{project}/{project}.dll");
        Dictionary<string, string> edited = edits.GroupBy(static edit => edit.File).ToDictionary(
            file => Path.GetRelativePath(sources, Checkout.PathOf(file.Key)),
            file => Write(folder, file));

        string[] command = await File.ReadAllLinesAsync(Path.Combine(objects, "compiler.rsp"));
        Assert.All(edited.Keys, source => Assert.Contains(source, command));
        string response = folder.PathOf($"{project}/mutant.rsp");
        await File.WriteAllLinesAsync(response, [.. command.Where(IsWanted).Select(line => edited.GetValueOrDefault(line, line)), $"/out:\"{assembly}\""]);

        string compiler = (await File.ReadAllTextAsync(Path.Combine(objects, "compiler.path"))).Trim();
        Ended ended = await Child.RunAsync(sources, _watchdog, [compiler, .. _warm, "/noconfig", "/nologo", $"@{response}"]);
        Assert.True(ended.ExitCode == 0, $"The mutant of {project} does not compile:\n{ended.Out}{ended.Error}");
        return assembly;
    }

    private static string Write(TemporaryFolder folder, IGrouping<string, Edit> edits)
    {
        string path = folder.PathOf(edits.Key);
        File.WriteAllText(path, edits.Aggregate(File.ReadAllText(Checkout.PathOf(edits.Key)), static (text, edit) => edit.ApplyTo(text)));
        return path;
    }

    private static bool IsWanted(string line) => line.StartsWith("/analyzer:", StringComparison.Ordinal)
        ? _generators.Any(name => line.Contains(name, StringComparison.Ordinal))
        : !_dropped.Any(option => line.StartsWith(option, StringComparison.Ordinal));
}
