using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs;

/// <summary><c>registry</c>: signs the file of a registry of covenant reserves, and says what a node takes from it.</summary>
internal static class RegistryVerb
{
    private static readonly Option<string> _draft =
        new("--registry") { Description = "The registry to sign, JSON; or a signed one to sign anew.", HelpName = "FILE", Required = true };
    private static readonly Option<string> _keyFile =
        new("--key") { Description = "The key to sign with, as signer pki identity makes it.", HelpName = "FILE", Required = true };
    private static readonly Option<string?> _out =
        new("--out") { Description = "Where to write the signed file, at once and whole; standard output where not given.", HelpName = "FILE" };

    private static readonly Option<string> _signed = new("--registry") { Description = "The signed file.", HelpName = "FILE", Required = true };
    private static readonly Option<string> _key =
        new("--key") { Description = "Whoever is to have signed it, 64 hex digits.", HelpName = "HEX", Required = true };
    private static readonly Option<string?> _network = new("--network") { Description = "The network that it must be of." };
    private static readonly Option<long> _maximumAge = new("--maximum-age")
    {
        Description = "How old it may be; 0 for no limit.",
        HelpName = "SECONDS",
        DefaultValueFactory = static _ => (long)RegistrySettings.DefaultMaximumAge.TotalSeconds,
    };

    internal static Command Create(Terminal terminal)
    {
        Command sign = new("sign", "Sign a registry. Example: signer registry sign --registry draft.json --key registry.key --out registry.json")
        {
            _draft, _keyFile, _out, CommonOptions.Json,
        };
        sign.SetAction(parsed => Sign(parsed, terminal));
        _network.AcceptOnlyFromAmong("mainnet", "testnet", "signet", "regtest");
        Command verify = new("verify", "Say what a node takes from a registry now, or why it takes nothing; exit 0 when it is used, 1 when it is not.")
        {
            _signed, _key, _network, _maximumAge, CommonOptions.Json,
        };
        verify.SetAction(parsed => Verify(parsed, terminal));
        return new Command("registry", "The reserves of covenants: sign the file that nodes go by, and see what is in it.") { sign, verify };
    }

    private static int Sign(ParseResult parsed, Terminal terminal)
    {
        string? path = parsed.GetValue(_out);
        if (path is not null)
        {
            OutputFile.RequireFolder(_out.Name, path);
        }

        using IdentityKey key = IdentityKey.Load(parsed.GetValue(_keyFile)!);
        byte[] file = Sign(parsed.GetValue(_draft)!, key);
        SignedRegistry registry = SignedRegistry.TryRead(file, key.Public, out SignedRegistry? read, out RegistryFault? fault)
            ? read
            : throw new VerificationException($"What was just signed is refused: {fault.Message}");
        if (path is null)
        {
            JsonObject text = JsonNode.Parse(file)!.AsObject();
            return terminal.ShowLines(text, ResultJson.Readable.JsonObject, [Encoding.UTF8.GetString(file)]);
        }

        Write(path, file);
        SignedRegistryDocument document = SignedRegistryDocument.Of(key.Public, registry, path);
        return terminal.ShowLines(
            document,
            ResultJson.Readable.SignedRegistryDocument,
            [$"key       {document.Key}", $"as of     {UnixTime.ToText((ulong)document.AsOf)}", $"file      {document.File}"]);
    }

    private static byte[] Sign(string draft, IdentityKey key)
    {
        try
        {
            return SignedRegistry.Sign(RegularFile.Read(draft, SignedRegistry.MaximumBytes), key, Wiring.Entropy);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(RegistryReason.Malformed, $"{_draft.Name}: {draft} is no registry: {wrong.Message}.");
        }
        catch (FileNotFoundException missing)
        {
            throw new UsageException(RegistryReason.Missing, $"{_draft.Name}: {missing.Message}");
        }
        catch (IOException unreadable)
        {
            throw new UsageException(RegistryReason.Unreadable, $"{_draft.Name}: {unreadable.Message}");
        }
    }

    private static void Write(string path, byte[] file)
    {
        try
        {
            OutputFile.Write(path, file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException("out_unwritable", $"{_out.Name}: {path} cannot be written: {fault.Message}");
        }
    }

    private static int Verify(ParseResult parsed, Terminal terminal)
    {
        string path = parsed.GetValue(_signed)!;
        XOnlyPublicKey key = XOnlyPublicKey.TryParseHex(parsed.GetValue(_key), out XOnlyPublicKey given)
            ? given
            : throw new UsageException("key_malformed", $"{_key.Name}: the key is 64 hex digits; signer pki identity prints it.");
        TimeSpan maximumAge = parsed.GetValue(_maximumAge) is >= 0 and <= int.MaxValue and var seconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new UsageException("age_out_of_range", $"{_maximumAge.Name}: seconds in 0..{int.MaxValue}.");
        if (!SignedRegistry.TryLoad(path, key, out SignedRegistry? registry, out RegistryFault? fault))
        {
            return terminal.Report(ToFailure(path, fault));
        }

        RegistrySettings settings = new(path, key, NetworkOf(parsed.GetValue(_network)) ?? registry.Network) { MaximumAge = maximumAge };
        VerifiedRegistry document = VerifiedRegistry.Of(registry);
        return registry.WhyNot(settings, TimeProvider.System.GetUtcNow()) is { } why
            ? terminal.Report(ToFailure(path, why))
            : terminal.ShowLines(document, ResultJson.Readable.VerifiedRegistry, document.Lines());
    }

    private static RegistryNetwork? NetworkOf(string? name) => name is null ? null : Enum.Parse<RegistryNetwork>(name, ignoreCase: true);

    private static Failure ToFailure(string path, RegistryFault fault) => fault.Reason switch
    {
        RegistryReason.Missing or RegistryReason.Unreadable => Failure.Usage(fault.Reason, $"{_signed.Name}: {fault.Message}"),
        RegistryReason.Malformed => Failure.Usage(fault.Reason, $"{_signed.Name}: {path} is no signed registry: {fault.Message}"),
        // Time, or the next one, mends these.
        RegistryReason.Stale or RegistryReason.FromTheFuture => new Failure(ExitCode.Refused, fault.Reason, "recoverable", $"{path}: {fault.Message}"),
        _ => new Failure(ExitCode.Refused, fault.Reason, "terminal", $"{path}: {fault.Message}"),
    };
}
