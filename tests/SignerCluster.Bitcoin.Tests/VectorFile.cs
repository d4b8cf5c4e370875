using System.Text.Json;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>Published vectors, as they lie beside the test assembly.</summary>
internal static class VectorFile
{
    public static JsonElement Read(string origin, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", origin, name)));
        return document.RootElement.Clone();
    }

    public static JsonElement Bip(int number) => Read("derived-from-mediawiki", $"bip-{number:0000}.json");

    public static string Text(this JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new InvalidDataException($"{name} is null.");

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));

    /// <summary>The cases under the heading of a PSBT vector file that begins with the given words.</summary>
    public static JsonElement[] PsbtCases(int bip, string heading)
    {
        JsonElement group =
            Bip(bip).GetProperty("groups").EnumerateArray().Single(candidate => candidate.Text("heading").StartsWith(heading, StringComparison.Ordinal));
        return [.. group.GetProperty("cases").EnumerateArray()];
    }
}
