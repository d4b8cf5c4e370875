using System.Text.Json;
using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.Cluster;

/// <summary>The registry of a cluster that takes covenant jobs: signed by the product with a throw-away key, read by the coordinators.</summary>
/// <param name="key">Whoever signed it, 64 hex digits.</param>
internal sealed class RegistryFile(string path, string key)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Throws <see cref="CannotRunException"/>.</summary>
    internal static async Task<RegistryFile> MakeAsync(string folder, string group, Product product, CancellationToken cancellation)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "registry")).FullName;
        string secret = Path.Combine(place, "registry.key");
        string draft = Path.Combine(place, "draft.json");
        string signed = Path.Combine(place, "registry.json");
        string key = JsonDocument.Parse(await RunAsync(["pki", "identity", "--out", secret, "--json"])).RootElement.GetProperty("identity").GetString()!;
        await File.WriteAllTextAsync(draft, JsonSerializer.Serialize(new
        {
            version = 1,
            asOf = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            network = "mainnet",
            height = 100_000,
            reserves = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [CovenantJob.Reserve] = new
                {
                    epoch = 1,
                    groups = (string[])[group],
                    custodians = (string[])[CovenantJob.Custodian.Public],
                    certificate = "none",
                },
            },
        }), cancellation);
        await RunAsync(["registry", "sign", "--registry", draft, "--key", secret, "--out", signed, "--json"]);
        return new RegistryFile(signed, key);

        async Task<string> RunAsync(IReadOnlyList<string> words)
        {
            Ended ended = await product.RunAsync(words, null, _patience, cancellation);
            return ended.ExitCode == 0 ? ended.Out : throw new CannotRunException($"signer {string.Join(' ', words)} failed: {ended.Error}{ended.Out}");
        }
    }

    /// <summary>Lets coordinators go by it.</summary>
    internal void GiveTo(IEnumerable<NodeProcess> coordinators)
    {
        foreach (NodeProcess coordinator in coordinators)
        {
            coordinator.Environment["SIGNER_REGISTRY_FILE"] = path;
            coordinator.Environment["SIGNER_REGISTRY_KEY"] = key;
        }
    }

    internal void Hide() => File.Move(path, $"{path}.hidden");

    internal void Show() => File.Move($"{path}.hidden", path);
}
