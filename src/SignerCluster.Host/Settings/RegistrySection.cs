using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Settings;

/// <summary>Which registry of covenant reserves a coordinator goes by.</summary>
internal static class RegistrySection
{
    /// <summary>Null where no file is named, or where what is named cannot be used, which is told to the section.</summary>
    internal static RegistrySettings? Read(SettingsSection registry)
    {
        string? file = registry.OptionalFilePath("file");
        string? key = registry.OptionalText("key");
        RegistryNetwork network = registry.Choice<RegistryNetwork>("network");
        string? decision = registry.OptionalText("decision-key");
        TimeSpan maximumAge = registry.Duration("maximum-age", TimeSpan.Zero, TimeSpan.FromDays(365));
        if (file is null)
        {
            return null;
        }

        XOnlyPublicKey decider = default;
        if (decision is not null && !XOnlyPublicKey.TryParseHex(decision, out decider))
        {
            registry.Refuse("decision-key", "must be the 64 hex digits of the key that may give jobs up; signer pki identity prints them.");
            return null;
        }

        if (XOnlyPublicKey.TryParseHex(key, out XOnlyPublicKey signer))
        {
            return new RegistrySettings(file, signer, network) { MaximumAge = maximumAge, DecisionKey = decision is null ? null : decider };
        }

        registry.Refuse("key", "must be the 64 hex digits of the key that signs the file; signer pki identity prints them.");
        return null;
    }
}
