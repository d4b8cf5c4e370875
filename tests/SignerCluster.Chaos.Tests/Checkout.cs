namespace SignerCluster.Chaos.Tests;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Checkout
{
    internal static Product Product { get; } = Product.Find();

    internal static string PathOf(string relative) => Path.Combine(Product.Root, relative);

    internal static IReadOnlyList<string> ScenarioFiles { get; } = [.. Directory.GetFiles(Product.Scenarios, "*.conf").Order(StringComparer.Ordinal)];

    internal static async Task<Scenario> ReadAsync(string file) =>
        ScenarioReader.Read(await Product.ReadHoconAsync(file, CancellationToken.None), Path.GetFileName(file));
}
