using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Host;

/// <summary>Finds where the nodes of a data directory have their key-encryption keys from.</summary>
internal static class KeyProviders
{
    private const string ProfileVariable = "SIGNER_PROFILE";

    /// <summary>Says once, where anything is said, that the profile is not one that exists. It counts as production.</summary>
    internal static void WarnOfUnknownProfile(Terminal terminal)
    {
        _ = Profile.Parse(Environment.GetEnvironmentVariable(ProfileVariable), out bool isUnknown);
        if (isUnknown)
        {
            terminal.Remark($"{ProfileVariable} is neither production nor development; production is assumed.");
        }
    }

    /// <summary>The provider of a node: what <c>key-provider.json</c> says, or the node's own key file where there is no such document.</summary>
    internal static KeyProviderSettings Of(DataDirectory data, NodeDirectory node) =>
        File.Exists(data.KeyProviderPath)
            ? KeyProviderSettings.Load(data.KeyProviderPath, node.Name)
            : new KeyProviderSettings(KeyProviderKind.File, Path: node.KeyPath);

    /// <summary>The provider that the node is being moved to.</summary>
    internal static KeyProviderSettings Next(DataDirectory data, NodeDirectory node) => KeyProviderSettings.Load(data.NextKeyProviderPath, node.Name);

    /// <summary>Makes a document that of a new directory. Throws <see cref="UsageException"/> when nodes are there already under another provider.</summary>
    internal static void Install(string document, DataDirectory data)
    {
        bool isNew = !File.Exists(data.KeyProviderPath);
        if (isNew && DataNodes.SelectWithJournal(data, name: null).Count > 0)
        {
            throw Conflict(data);
        }

        try
        {
            KeyProviderSettings.Install(document, data.KeyProviderPath);
        }
        catch (DataDirectoryException conflict) when (conflict.Code == "key_provider_conflict")
        {
            throw Conflict(data);
        }
    }

    private static UsageException Conflict(DataDirectory data) => new(
        "key_provider_conflict",
        $"--key-provider: {data.Path} has nodes under another provider. Leave the option out, or move them first: "
            + $"signer keys rewrap --data {data.Path} --to FILE.json");

    internal static string KindOf(KeyProviderSettings settings) => settings.Kind switch
    {
        KeyProviderKind.File => "file",
        KeyProviderKind.Env => "env",
        KeyProviderKind.Command => "command",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Makes the key file where the provider is a file that is not there; for a provider that nothing is sealed under yet.</summary>
    internal static void CreateKeyIfMissing(KeyProviderSettings settings)
    {
        if (settings is { Kind: KeyProviderKind.File, Path: { } path } && !File.Exists(path))
        {
            FileKeyProvider.Create(path, Wiring.Entropy);
        }
    }

    /// <summary>Throws <see cref="KeyProviderException"/> when the provider cannot work or is not allowed in this profile.</summary>
    internal static IKeyProvider Create(KeyProviderSettings settings) =>
        KeyProviderSettings.Create(settings, Profile.Parse(Environment.GetEnvironmentVariable(ProfileVariable), out _), TimeProvider.System);
}
