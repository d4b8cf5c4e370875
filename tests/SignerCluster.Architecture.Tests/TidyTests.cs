using System.Text.RegularExpressions;

namespace SignerCluster.Architecture.Tests;

/// <summary>The house style as far as it can be measured. Each exception stands in a list here, with its reason.</summary>
public sealed partial class TidyTests
{
    private const int MaximumFileLines = 300;
    private const int MaximumTestFileLines = 350;
    private const int MaximumMethodLines = 70;
    private const int MaximumProgramLines = 60;

    // This file names what it bans.
    private const string ThisFile = "tests/SignerCluster.Architecture.Tests/TidyTests.cs";

    // BIP-445 calls it ThresholdInfo, and the papers' words come first.
    private const string ThresholdInfoFile = "src/SignerCluster.Frost/ThresholdInfo.cs";

    private static readonly string[] _everywhere = ["src", "tests", "chaos"];

    private static readonly Dictionary<string, string> _catchesAll = new(StringComparer.Ordinal)
    {
        ["chaos/SignerCluster.Simulator/Simulated/Simulation.cs"] =
            "Whatever a step of a simulated world throws is a finding with a seed, not the end of the run.",
        ["src/SignerCluster.Actors/EventSourcedActor.cs"] =
            "A broken invariant, whatever it is, ends the activation: whoever asked is told, and the next one reads the journal.",
        ["src/SignerCluster.Host/CommandLineProgram.cs"] = "Main: what nobody expected ends the process with its own exit code and a message.",
        ["src/SignerCluster.Links/Answering.cs"] =
            "The adapter's edge: whatever a handler throws, its request goes without an answer and the link lives on.",
        ["src/SignerCluster.Links/DialedLink.cs"] = "The adapter's edge: whatever ends the attempt to keep a link, the next one begins anew.",
        ["src/SignerCluster.Journal/Postgres/JournalWriter.cs"] =
            "The adapter's edge: its one writer answers every waiting append before it dies, whatever killed it.",
        ["src/SignerCluster.Protocol/Wire/EventCodec.cs"] =
            "Evolving trusts history: whatever it throws, that history was never written by us and its entity is quarantined.",
        ["src/SignerCluster.Trust/Signatory.cs"] = "Signs for many at once on a thread of nobody's: whatever is thrown is handed to each who waits.",
        ["src/SignerCluster.Journal/Sqlite/JournalWriter.cs"] =
            "The adapter's edge: its one writer answers every waiting append before it dies, whatever killed it.",
    };

    [Fact]
    public void No_type_or_file_has_a_name_that_fits_anything()
    {
        string[] files =
            [.. Repository.Files("*.cs", _everywhere).Where(static path => BannedName().IsMatch(Path.GetFileNameWithoutExtension(path).Split('.')[0]))];
        string[] types = [.. Repository.Lines(_everywhere)
            .Where(static line => TypeDeclaration().Match(line.Line) is { Success: true } match && BannedName().IsMatch(match.Groups["name"].Value))
            .Select(static line => $"{line.Place}: {line.Line.Trim()}")];
        Assert.Equal([ThresholdInfoFile], files);
        Assert.Single(types, static type => type.Contains("class ThresholdInfo", StringComparison.Ordinal));
        Assert.Single(types);
    }

    [Fact]
    public void The_namespace_of_a_file_is_its_folder()
    {
        IEnumerable<string> wrong = Repository.Lines(_everywhere)
            .Where(static line => NamespaceDeclaration().Match(line.Line) is { Success: true } match && match.Groups["name"].Value != FolderOf(line.Path))
            .Select(static line => $"{line.Place}: {line.Line}");
        Assert.Empty(wrong);
    }

    // "src/Project/Folder/File.cs" is Project.Folder.
    private static string FolderOf(string path) => string.Join('.', path.Split('/')[1..^1]);

    [Fact]
    public void Only_the_plugins_append_to_a_journal_and_what_seals_on_the_way_passes_it_on()
    {
        // By its name alone: an adapter may call what it is made of anything else.
        string[] callers = [.. Repository.Lines("src").Where(static line => AppendCall().IsMatch(line.Line)).Select(static line => line.Path).Distinct()];
        Assert.Equal(
            [
                "src/SignerCluster.Journal/Keys/MeasuredJournal.cs",
                "src/SignerCluster.Journal/Keys/SealedJournal.cs",
                "src/SignerCluster.Journal/Persistence/SealedCheckpoints.cs",
                "src/SignerCluster.Journal/Persistence/SealedWriteJournal.cs",
            ],
            callers);
    }

    [Fact]
    public void Everything_is_caught_only_where_the_list_says_why()
    {
        string[] found = [.. Repository.Lines("src", "chaos").Where(static line => CatchAll().IsMatch(line.Line)).Select(static line => line.Path)];
        Assert.Equal(_catchesAll.Keys.Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public void Nothing_of_the_product_locks() =>
        Assert.Empty(Repository.Lines("src").Where(static line => LockStatement().IsMatch(line.Line)).Select(static line => line.Place));

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold()
    {
        Assert.Empty(TooLong(MaximumFileLines, "src", "chaos").Concat(TooLong(MaximumTestFileLines, "tests")));
        Assert.All(
            Repository.Files("Program.cs", "src", "chaos"),
            static path => Assert.InRange(Repository.Read(path).Split('\n').Length - 1, 0, MaximumProgramLines));
    }

    [Fact]
    public void No_method_is_longer_than_a_screen()
    {
        IEnumerable<string> tooLong = Repository.Sources("src", "chaos")
            .SelectMany(static source => Methods.In(source.Text).Where(static method => method.Lines > MaximumMethodLines)
                .Select(method => $"{source.Path}:{method.FirstLine}: {method.Lines} lines"));
        Assert.Empty(tooLong);
    }

    [Fact]
    public void The_scan_for_methods_sees_a_method_that_is_too_long()
    {
        string body = string.Concat(Enumerable.Repeat("        x++; // }\n", 71));
        string source = $"class C\n{{\n    void Short() => x++;\n    string s = \"{{\";\n    void Long(int x)\n    {{\n{body}    }}\n}}\n";
        Assert.Equal([(5, 74)], Methods.In(source).Where(static method => method.Lines > MaximumMethodLines));
    }

    [Fact]
    public void Nothing_is_left_to_be_done_later()
    {
        Assert.Empty(
            Repository.Lines(_everywhere).Where(static line => line.Path != ThisFile && Unfinished().IsMatch(line.Line)).Select(static line => line.Place));
    }

    [Fact]
    public void No_test_waits_for_time_to_pass()
    {
        Assert.Empty(Repository.Lines("tests").Where(static line => line.Path != ThisFile && Sleeping().IsMatch(line.Line)).Select(static line => line.Place));
    }

    [Fact]
    public void No_source_has_regions_banners_or_empty_documentation()
    {
        Assert.Empty(Repository.Lines(_everywhere).Where(static line => line.Path != ThisFile && Noise().IsMatch(line.Line)).Select(static line => line.Place));
    }

    [Fact]
    public void The_readme_names_every_package_that_is_used()
    {
        if (!File.Exists(Repository.PathOf("README.md")))
        {
            return;
        }

        string readme = Repository.Read("README.md");
        string[] listed = [.. ReadmePackage().Matches(readme).Select(static match => match.Groups["name"].Value).Order(StringComparer.Ordinal)];
        IReadOnlyList<string> used = ReferenceTests.PackagesLabelled("analyzers", "product", "tests");
        Assert.All(used, package => Assert.True(listed.Contains(package), $"README.md lacks the line: - `{package}`"));
        Assert.All(listed, package => Assert.True(used.Contains(package), $"README.md lists `{package}`, which Directory.Packages.props does not have."));
    }

    private static IEnumerable<string> TooLong(int limit, params string[] folders) => Repository.Sources(folders)
        .Select(static source => (source.Path, Lines: source.Text.Split('\n').Length - 1)).Where(file => file.Lines > limit)
        .Select(static file => $"{file.Path}: {file.Lines} lines");

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Util|Utility|Service|Info|Data|Base|Common)$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex BannedName();

    [GeneratedRegex(
        @"^\s*((public|internal|private|protected|file|sealed|static|abstract|partial|readonly|unsafe|ref) )*(class|struct|interface|enum|record|record "
            + @"class|record struct) (?<name>\w+)",
        RegexOptions.ExplicitCapture,
        10_000)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"(?<!_writer)\.AppendAsync\(", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex AppendCall();

    // A filter that names types names what is caught, in its own words or in those of a predicate that lists them.
    [GeneratedRegex(@"\bcatch\s*(\(\s*(System\.)?Exception\b(?!\s+\w+\)\s*when \((\w+ is |\w+\.IsOf[A-Z]\w+\())|$|\{)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"^\s*lock\s*\(|\bMonitor\.Enter|\.EnterScope\(", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LockStatement();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b|\bSpinWait\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Sleeping();

    [GeneratedRegex(
        @"^\s*#region|^\s*//\s*[=*#-]{5,}|<summary>\s*</summary>|<param name=""\w+"">\s*</param>|Initializes a new instance of",
        RegexOptions.ExplicitCapture,
        10_000)]
    private static partial Regex Noise();

    [GeneratedRegex(@"^\s*- `(?<name>[A-Za-z0-9_.]+)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ReadmePackage();
}
