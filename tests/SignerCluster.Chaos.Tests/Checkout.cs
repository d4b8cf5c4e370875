using System.Collections.Concurrent;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Tests;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Checkout
{
    private static readonly ConcurrentDictionary<string, Scenario> _read = new(StringComparer.Ordinal);

    internal static Product Product { get; } = Product.Find();

    internal static string PathOf(string relative) => Path.Combine(Product.Root, relative);

    internal static IReadOnlyList<string> ScenarioFiles { get; } = [.. Directory.GetFiles(Product.Scenarios, "*.conf").Order(StringComparer.Ordinal)];

    /// <summary>A scenario by its file's path, read once: each reading is a process of the product.</summary>
    internal static async Task<Scenario> ReadAsync(string path)
    {
        if (!_read.TryGetValue(path, out Scenario? scenario))
        {
            scenario = _read[path] = ScenarioReader.Read(await Product.ReadHoconAsync(path, CancellationToken.None), Path.GetFileName(path));
        }

        return scenario;
    }
}
