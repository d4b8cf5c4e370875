using System.Security.Cryptography;
using System.Text;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Mutants;

/// <summary>
/// Builds a program from the product's sources with named edits: a participant that lies is a binary that lies, and the product has no switch for it. The build
/// leaves the compiler's command line beside its object files (Directory.Build.targets), so a mutant is compiled exactly as the product is, in seconds.
/// </summary>
internal sealed class MutantBuild(Product product)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    // Analyzers judge style, and a mutant need not be tidy; generators write sources that it cannot do without.
    private static readonly string[] _generators = ["Generator", "SourceGeneration"];
    private static readonly string[] _dropped = ["/warnaserror", "/doc:", "/refout:", "/out:", "/embed", "/noconfig"];

    /// <summary>
    /// The path of the mutant's program; built before, or now. Throws <see cref="UsageException"/> when an edit does not match exactly once, and
    /// <see cref="CannotRunException"/> when the mutant does not compile.
    /// </summary>
    internal async Task<string> BuildAsync(Mutant mutant, CancellationToken cancellation)
    {
        Dictionary<string, string> edited = Apply(mutant);
        string folder = Path.Combine(product.Root, "artifacts", "chaos", "mutants", $"{mutant.Name}-{Fingerprint(mutant)}");
        string program = Path.Combine(folder, Path.GetFileName(product.Program));
        if (File.Exists(Path.Combine(folder, "built")))
        {
            return program;
        }

        CopyProgram(Path.GetDirectoryName(product.Program)!, folder);
        foreach (IGrouping<string, string> project in edited.Keys.GroupBy(ProjectOf, StringComparer.Ordinal))
        {
            await CompileAsync(
                mutant, project.Key, project.ToDictionary(static file => file, file => edited[file], StringComparer.Ordinal), folder, cancellation);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "built"), mutant.Name, cancellation);
        return program;
    }

    /// <summary>Every edited file with its new text.</summary>
    internal Dictionary<string, string> Apply(Mutant mutant)
    {
        Dictionary<string, string> edited = new(StringComparer.Ordinal);
        foreach (SourceEdit edit in mutant.Edits)
        {
            string path = Path.Combine(product.Root, edit.File);
            string text = edited.GetValueOrDefault(edit.File)
                ?? (File.Exists(path) ? File.ReadAllText(path) : throw new UsageException($"{mutant.Name}: there is no file {edit.File}."));
            int matches = text.Split(edit.Find).Length - 1;
            edited[edit.File] = matches == 1
                ? text.Replace(edit.Find, edit.Replace, StringComparison.Ordinal)
                : throw new UsageException(
                    $"{mutant.Name}: '{edit.Find}' stands {matches} times in {edit.File}, not once. The source has moved on: write the edit anew.");
        }

        return edited;
    }

    private static string ProjectOf(string file) =>
        file.Split('/') is ["src", var project, ..] ? project : throw new UsageException($"{file} is not below src/.");

    /// <summary>What the mutant is made of: its edits and the program as it was built.</summary>
    private string Fingerprint(Mutant mutant)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SourceEdit edit in mutant.Edits)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{edit.File}\0{edit.Find}\0{edit.Replace}\0"));
        }

        foreach (string assembly in Directory.GetFiles(Path.GetDirectoryName(product.Program)!, "*.dll").Order(StringComparer.Ordinal))
        {
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(assembly)));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash())[..16];
    }

    private static void CopyProgram(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private async Task CompileAsync(Mutant mutant, string project, Dictionary<string, string> edited, string folder, CancellationToken cancellation)
    {
        string objects = Path.Combine(product.Root, "artifacts", "obj", project, "release");
        string sources = Path.Combine(product.Root, "src", project);
        string response = Path.Combine(objects, "compiler.rsp");
        if (!File.Exists(response))
        {
            throw new CannotRunException($"{response} is missing. Build once: ./signer test, or dotnet build -c Release.");
        }

        Dictionary<string, string> replaced = new(StringComparer.Ordinal);
        foreach ((string file, string text) in edited)
        {
            string path = Path.Combine(folder, "mutant", file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, cancellation);
            replaced[Path.GetRelativePath(sources, Path.Combine(product.Root, file))] = path;
        }

        string[] command = await File.ReadAllLinesAsync(response, cancellation);
        if (replaced.Keys.Except(command, StringComparer.Ordinal).FirstOrDefault() is { } stranger)
        {
            throw new CannotRunException($"{stranger} is not among the sources that {project} was built from. Build again.");
        }

        string own = Path.Combine(folder, "mutant", $"{project}.rsp");
        await File.WriteAllLinesAsync(
            own,
            [.. command.Where(IsWanted).Select(line => replaced.GetValueOrDefault(line, line)), $"/out:\"{Path.Combine(folder, $"{project}.dll")}\""],
            cancellation);
        string compiler = (await File.ReadAllTextAsync(Path.Combine(objects, "compiler.path"), cancellation)).Trim();
        Ended compiled = await Commands.RunAsync(
            "/bin/sh",
            ["-c", "cd \"$1\" && shift && exec dotnet exec \"$@\"", "sh", sources, compiler, "/noconfig", "/nologo", $"@{own}"],
            null,
            _patience,
            cancellation);
        if (compiled.ExitCode != 0)
        {
            throw new CannotRunException($"The mutant {mutant.Name} does not compile: {compiled.Out}{compiled.Error}");
        }
    }

    private static bool IsWanted(string line) => line.StartsWith("/analyzer:", StringComparison.Ordinal)
        ? _generators.Any(name => line.Contains(name, StringComparison.Ordinal))
        : !_dropped.Any(option => line.StartsWith(option, StringComparison.Ordinal));
}
