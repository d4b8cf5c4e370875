using SignerCluster.Runtime;

namespace SignerCluster.Host;

/// <summary>Finds where the nodes of a data directory have their key-encryption keys from.</summary>
internal static class KeyProviders
{
    private const string ProfileVariable = "SIGNER_PROFILE";

    /// <summary>The provider of a node: what <c>key-provider.json</c> says, or the node's own key file where there is no such document.</summary>
    internal static IKeyProvider Of(DataDirectory data, NodeDirectory node) => Create(SettingsOf(data, node));

    /// <summary>The provider that the node is being moved to.</summary>
    internal static IKeyProvider Next(DataDirectory data, NodeDirectory node) => Create(KeyProviderSettings.Load(data.NextKeyProviderPath, node.Name));

    /// <summary>Makes the key file of a node that has nothing sealed yet, where its provider is a file; never for a node that has.</summary>
    internal static void CreateKeyIfNew(DataDirectory data, NodeDirectory node)
    {
        KeyProviderSettings settings = SettingsOf(data, node);
        if (settings is { Kind: KeyProviderKind.File, Path: { } path } && !File.Exists(path) && !File.Exists(node.JournalPath))
        {
            FileKeyProvider.Create(path, Wiring.Entropy);
        }
    }

    internal static IKeyProvider Create(KeyProviderSettings settings) =>
        KeyProviderSettings.Create(settings, Profile.Parse(Environment.GetEnvironmentVariable(ProfileVariable), out _), TimeProvider.System);

    private static KeyProviderSettings SettingsOf(DataDirectory data, NodeDirectory node) =>
        File.Exists(data.KeyProviderPath)
            ? KeyProviderSettings.Load(data.KeyProviderPath, node.Name)
            : new KeyProviderSettings(KeyProviderKind.File, Path: node.KeyPath);
}
