using System.Xml.Linq;

namespace SignerCluster.Architecture.Tests;

/// <summary>Who may reference whom. The sets are exact: a new project or a new reference is a decision, so it is written here too.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, Allowed> _table = new(StringComparer.Ordinal)
    {
        ["src/SignerCluster.Secp256k1"] = new([], []),
        ["src/SignerCluster.Frost"] = new(["SignerCluster.Secp256k1"], []),
        ["src/SignerCluster.Bitcoin"] = new(["SignerCluster.Secp256k1"], ["NBitcoin"]),
        ["src/SignerCluster.Protocol"] = new(["SignerCluster.Bitcoin", "SignerCluster.Frost"], []),
        ["src/SignerCluster.Actors"] = new(["SignerCluster.Protocol"], ["Akka.Cluster.Sharding", "Microsoft.Extensions.Logging.Abstractions"]),
        ["src/SignerCluster.Journal"] = new(
            ["SignerCluster.Protocol"],
            ["Akka.Persistence", "Microsoft.Data.Sqlite.Core", "Microsoft.Extensions.Logging.Abstractions", "Npgsql", "SQLitePCLRaw.bundle_e_sqlite3"]),
        ["src/SignerCluster.Links"] = new([], ["Grpc.AspNetCore", "Grpc.Net.Client", "Grpc.Tools"]),
        ["src/SignerCluster.Trust"] = new(["SignerCluster.Journal"], ["BouncyCastle.Cryptography"]),
        ["src/SignerCluster.Host"] = new(
            ["SignerCluster.Actors", "SignerCluster.Links", "SignerCluster.Trust"],
            [
                "Akka.Hosting", "Microsoft.AspNetCore.OpenApi", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Exporter.Prometheus.AspNetCore",
                "Spectre.Console", "System.CommandLine",
            ],
            Sdk: "Microsoft.NET.Sdk.Web"),
        ["src/SignerCluster.Workbench"] = new(["SignerCluster.Host"], []),
        ["chaos/SignerCluster.Simulator"] = new(["SignerCluster.Actors", "SignerCluster.Journal"], []),
        ["chaos/SignerCluster.Chaos"] = new([], ["BouncyCastle.Cryptography", "Grpc.AspNetCore", "Grpc.Net.Client", "Grpc.Tools", "System.CommandLine"]),
    };

    [Fact]
    public void Every_project_of_src_references_exactly_what_the_table_allows()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("*.csproj", "src", "chaos"))
        {
            string folder = path[..path.LastIndexOf('/')];
            if (!_table.TryGetValue(folder, out Allowed? allowed))
            {
                wrong.Add($"{path} is new: decide what it may reference and add it to the table.");
                continue;
            }

            XElement project = XElement.Parse(Repository.Read(path));
            Compare(
                wrong,
                path,
                "projects",
                allowed.Projects,
                Included(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'))));
            Compare(wrong, path, "packages", allowed.Packages, Included(project, "PackageReference"));
            Compare(wrong, path, "frameworks", [], Included(project, "FrameworkReference"));
            Compare(wrong, path, "assemblies", [], Included(project, "Reference"));
            Compare(wrong, path, "SDKs", [allowed.Sdk], [(string?)project.Attribute("Sdk") ?? string.Empty]);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_table_names_no_project_that_is_gone()
    {
        Assert.All(
            _table.Keys, static folder => Assert.True(Directory.Exists(Repository.PathOf(folder)), $"{folder} is in the table and not in the repository."));
    }

    [Fact]
    public void Nothing_in_src_references_a_test_or_a_project_of_chaos()
    {
        IEnumerable<string> outside = Repository.Files("*.csproj", "src")
            .SelectMany(path => Included(XElement.Parse(Repository.Read(path)), "ProjectReference").Select(reference => $"{path}: {reference}"))
            .Where(static reference => !reference.Contains("/src/", StringComparison.Ordinal));
        Assert.Empty(outside);
    }

    [Fact]
    public void Packages_that_reach_every_project_are_analyzers_and_only_analyzers()
    {
        XElement props = XElement.Parse(Repository.Read("Directory.Build.props"));
        IEnumerable<XElement> everywhere = props.Elements("ItemGroup")
            .Where(static group => group.Attribute("Condition") is null).SelectMany(static group => group.Elements("PackageReference"));
        Assert.All(everywhere, static reference => Assert.Equal("all", (string?)reference.Attribute("PrivateAssets")));
        Assert.Equal(
            PackagesLabelled("analyzers"), everywhere.Select(static reference => (string)reference.Attribute("Include")!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Internals_are_visible_only_to_the_test_project_of_the_same_name()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("*.csproj", "src", "chaos", "tests"))
        {
            wrong.AddRange(Included(XElement.Parse(Repository.Read(path)), "InternalsVisibleTo").Select(friend => $"{path} shows its internals to {friend}."));
        }

        wrong.AddRange(Repository.Lines("src", "chaos", "tests")
            .Where(static line => !line.Path.EndsWith("Architecture.Tests/ReferenceTests.cs", StringComparison.Ordinal)
                && line.Line.Contains("InternalsVisibleTo(", StringComparison.Ordinal))
            .Select(static line => line.Place));
        XElement props = XElement.Parse(Repository.Read("Directory.Build.props"));
        Assert.Equal(["$(MSBuildProjectName).Tests", "SignerCluster.Postgres.Tests"], Included(props, "InternalsVisibleTo"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_solution_lists_every_project()
    {
        string solution = Repository.Read("SignerCluster.sln").Replace('\\', '/');
        Assert.All(Repository.Files("*.csproj", "src", "chaos", "tests"), path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }

    internal static IReadOnlyList<string> PackagesLabelled(params string[] labels) =>
    [
        .. XElement.Parse(Repository.Read("Directory.Packages.props")).Elements("ItemGroup")
            .Where(group => labels.Contains((string?)group.Attribute("Label")))
            .SelectMany(static group => group.Elements("PackageVersion"))
            .Select(static package => (string)package.Attribute("Include")!)
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Included(XElement project, string item) =>
        project.Descendants(item).Select(static element => (string?)element.Attribute("Include") ?? (string?)element.Attribute("Update") ?? string.Empty);

    private static void Compare(List<string> wrong, string project, string kind, IEnumerable<string> allowed, IEnumerable<string> found)
    {
        string[] expected = [.. allowed.Order(StringComparer.Ordinal)];
        string[] actual = [.. found.Order(StringComparer.Ordinal)];
        if (!expected.SequenceEqual(actual))
        {
            wrong.Add($"{project} references the {kind} [{string.Join(", ", actual)}]; the table says [{string.Join(", ", expected)}].");
        }
    }

    private sealed record Allowed(IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, string Sdk = "Microsoft.NET.Sdk");
}
