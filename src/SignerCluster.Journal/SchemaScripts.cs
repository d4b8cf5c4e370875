using System.Globalization;

namespace SignerCluster.Journal;

/// <summary>The scripts that make a store's tables, as they are embedded below <c>Sqlite/</c> and <c>Postgres/</c>.</summary>
internal static class SchemaScripts
{
    /// <summary>The numbered scripts of a folder, in their order.</summary>
    internal static IReadOnlyList<(int Version, string Name)> Numbered(string folder) =>
    [
        .. typeof(SchemaScripts).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal) && char.IsAsciiDigit(name[folder.Length + 1]))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(folder.Length + 1, 3), CultureInfo.InvariantCulture), name)),
    ];

    internal static string TextOf(string name)
    {
        using StreamReader reader = new(typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
