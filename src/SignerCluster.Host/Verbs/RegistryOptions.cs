using System.CommandLine;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs;

/// <summary>The registry of covenant reserves that a service goes by.</summary>
public sealed class RegistryOptions
{
    private readonly Option<string?> _file =
        new("--registry") { Description = "Take covenant jobs for the reserves of this signed registry.", HelpName = "FILE" };

    private readonly Option<string?> _key =
        new("--registry-key") { Description = "Whoever signs the registry, 64 hex digits.", HelpName = "HEX" };

    private readonly Option<string?> _decisionKey =
        new("--decision-key") { Description = "Whoever may give up jobs that cannot be restored, 64 hex digits.", HelpName = "HEX" };

    private readonly Option<RegistryNetwork> _network = new("--registry-network")
    {
        Description = "The network that the registry must be of.",
        DefaultValueFactory = static _ => RegistryNetwork.Mainnet,
    };

    public void AddTo(Command verb)
    {
        verb.Options.Add(_file);
        verb.Options.Add(_key);
        verb.Options.Add(_decisionKey);
        verb.Options.Add(_network);
    }

    /// <summary>Null where none is named. Throws <see cref="UsageException"/> for a key that is none, and for one without the other.</summary>
    public RegistrySettings? Read(ParseResult parsed) => (parsed.GetValue(_file), parsed.GetValue(_key), parsed.GetValue(_decisionKey)) switch
    {
        (null, null, null) => null,
        ({ } file, { } key, var decision) => new RegistrySettings(file, ReadKey(_key.Name, key), parsed.GetValue(_network))
        {
            DecisionKey = decision is null ? null : ReadKey(_decisionKey.Name, decision),
        },
        (null, null, _) => throw new UsageException("registry_incomplete", $"{_decisionKey.Name} needs {_file.Name} and {_key.Name}."),
        _ => throw new UsageException("registry_incomplete", $"{_file.Name} and {_key.Name} belong together."),
    };

    private static XOnlyPublicKey ReadKey(string name, string text) => XOnlyPublicKey.TryParseHex(text, out XOnlyPublicKey key)
        ? key
        : throw new UsageException("key_malformed", $"{name}: the key is 64 hex digits; signer pki identity prints it.");
}
