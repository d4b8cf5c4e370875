using System.Runtime.CompilerServices;

namespace SignerCluster.Architecture.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] _built = ["bin", "obj", "artifacts"];

    internal static string Root { get; } = Locate();

    internal static string PathOf(string relative) => Path.Combine(Root, relative);

    internal static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Paths below the given folders, relative to the root with forward slashes, without what builds put there.</summary>
    internal static IReadOnlyList<string> Files(string pattern, params string[] folders) =>
    [
        .. folders.Where(folder => Directory.Exists(PathOf(folder)))
            .SelectMany(folder => Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Intersect(_built).Any())
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Source files as whole texts.</summary>
    internal static IEnumerable<(string Path, string Text)> Sources(params string[] folders) => Files("*.cs", folders).Select(path => (path, Read(path)));

    /// <summary>Source lines with their places, as <c>file:line</c>.</summary>
    internal static IEnumerable<(string Place, string Path, string Line)> Lines(params string[] folders) =>
        Sources(folders).SelectMany(source => source.Text.Split('\n').Select((line, index) => ($"{source.Path}:{index + 1}", source.Path, line)));

    private static string Locate([CallerFilePath] string thisFile = "")
    {
        // A deterministic build may map the path of this file away; the output folder is inside the checkout then.
        foreach (string start in (string[])[Path.GetDirectoryName(thisFile)!, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(Path.Combine(directory.FullName, "SignerCluster.sln")))
                {
                    return directory.FullName;
                }
            }
        }

        throw new InvalidOperationException("SignerCluster.sln is in no folder above this test.");
    }
}
