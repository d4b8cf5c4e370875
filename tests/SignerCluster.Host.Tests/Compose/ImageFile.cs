using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SignerCluster.Host.Tests.Compose;

/// <summary>What the Dockerfile makes, and what is wrong with it.</summary>
internal sealed partial class ImageFile
{
    private const string Project = "src/SignerCluster.Host/SignerCluster.Host.csproj";

    private readonly List<string> _findings = [];

    internal ImageFile(string text, string ignored, string repository)
    {
        Program = EntryPoint().Match(text).Groups["program"].Value;
        User = Line(text, "USER");
        string built = Path.GetFileNameWithoutExtension((string)XElement.Load(Path.Combine(repository, Project)).Descendants("AssemblyName").Single()) + ".dll";
        Expect(Path.GetFileName(Program) == built, $"the entry point starts {Program}, and the project makes {built}");
        Expect(text.Contains($"COPY --from=build /program {Folder}\n", StringComparison.Ordinal), $"the program is not copied to {Folder}");
        Expect(text.Contains($"dotnet publish {Project} ", StringComparison.Ordinal), $"it does not publish {Project}");
        Expect(text.Contains("libsecp256k1-1 libsqlite3-0", StringComparison.Ordinal), "the native libraries are not installed");
        _findings.AddRange(From().Matches(text).Select(static from => from.Groups["image"].Value).Where(static image => !Pinned().IsMatch(image))
            .Select(static image => $"Dockerfile: {image} is not pinned"));
        foreach (string source in Copy().Matches(text)
            .SelectMany(static copy => copy.Groups["sources"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            Expect(Path.Exists(Path.Combine(repository, source)), $"it copies {source}, which the repository does not have");
            Expect(ignored.Split('\n').Contains("!" + source.TrimEnd('/')), $".dockerignore keeps {source} out");
        }

        Verbs = VerbsOf(Path.Combine(repository, "src/SignerCluster.Host/Program.cs"));
        LauncherVerbs = [.. Verbs, .. VerbsOf(Path.Combine(repository, "src/SignerCluster.Workbench/Program.cs"))];
    }

    internal IReadOnlyList<string> Findings => _findings;

    /// <summary>The path that the entry point starts.</summary>
    internal string Program { get; }

    internal string Folder => Path.GetDirectoryName(Program)!;

    internal string User { get; }

    internal IReadOnlyList<string> Verbs { get; }

    /// <summary>Those that the launcher of the checkout takes, the workbench's included.</summary>
    internal IReadOnlyList<string> LauncherVerbs { get; }

    private static string[] VerbsOf(string program) =>
        [.. Verb().Matches(File.ReadAllText(program)).Select(static verb => verb.Groups["verb"].Value.ToLowerInvariant())];

    private static string Line(string text, string word) =>
        text.Split('\n').Last(line => line.StartsWith(word + " ", StringComparison.Ordinal))[(word.Length + 1)..];

    private void Expect(bool holds, string finding)
    {
        if (!holds)
        {
            _findings.Add($"Dockerfile: {finding}");
        }
    }

    [GeneratedRegex("""^ENTRYPOINT \["dotnet", "(?<program>[^"]+)"\]$""", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"^FROM (?<image>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex From();

    [GeneratedRegex(@":[0-9]+\.[0-9]+\.[0-9]+-[a-z]+$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Pinned();

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^    (?<verb>[A-Z][a-z]+)Verb\.Create", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 10_000)]
    private static partial Regex Verb();
}
