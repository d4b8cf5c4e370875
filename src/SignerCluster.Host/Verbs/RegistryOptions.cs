using System.CommandLine;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs;

/// <summary>The registry of covenant reserves that a service goes by.</summary>
internal sealed class RegistryOptions
{
    private readonly Option<string?> _file =
        new("--registry") { Description = "Take covenant jobs for the reserves of this signed registry.", HelpName = "FILE" };

    private readonly Option<string?> _key =
        new("--registry-key") { Description = "Whoever signs the registry, 64 hex digits.", HelpName = "HEX" };

    private readonly Option<RegistryNetwork> _network = new("--registry-network")
    {
        Description = "The network that the registry must be of.",
        DefaultValueFactory = static _ => RegistryNetwork.Mainnet,
    };

    internal void AddTo(Command verb)
    {
        verb.Options.Add(_file);
        verb.Options.Add(_key);
        verb.Options.Add(_network);
    }

    /// <summary>Null where none is named. Throws <see cref="UsageException"/> for a key that is none, and for one without the other.</summary>
    internal RegistrySettings? Read(ParseResult parsed) => (parsed.GetValue(_file), parsed.GetValue(_key)) switch
    {
        (null, null) => null,
        ({ } file, { } key) when XOnlyPublicKey.TryParseHex(key, out XOnlyPublicKey signer) =>
            new RegistrySettings(file, signer, parsed.GetValue(_network)),
        ({ }, { }) => throw new UsageException("key_malformed", $"{_key.Name}: the key is 64 hex digits; signer pki identity prints it."),
        _ => throw new UsageException("registry_incomplete", $"{_file.Name} and {_key.Name} belong together."),
    };
}
