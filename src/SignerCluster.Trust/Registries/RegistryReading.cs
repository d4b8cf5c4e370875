using System.Collections.Frozen;
using System.Text.Json;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Registries;

/// <summary>Turns the text of a registry into what it says. Throws <see cref="FormatException"/> with the place of the first thing that cannot be so.</summary>
internal static class RegistryReading
{
    private const int Version = 1;
    private const int MaximumNameLength = 64;

    // Canonical JSON has numbers as doubles. Of two greater ones it might make the same text, and the signature of one would be that of the other.
    private const long MaximumNumber = (1L << 53) - 1;

    internal static (long AsOf, RegistryNetwork Network, uint? Height, FrozenDictionary<string, ReserveRecord> Reserves) Read(ReadOnlySpan<byte> utf8)
    {
        DemandNoNull(utf8);
        RegistryDocument document = Deserialize(utf8);
        if (document.Version != Version)
        {
            throw new FormatException($"$.registry.version: it is {document.Version}, not {Version}");
        }

        // Nobody means a zero that he writes there: something that he asked had no answer (C6).
        long asOf = document.AsOf is >= 1 and <= MaximumNumber ? document.AsOf : throw new FormatException("$.registry.asOf: Unix seconds, at least 1");
        if (document.Height == 0)
        {
            throw new FormatException("$.registry.height: at least 1; it is left out where it is not known");
        }

        if (document.Reserves.Count == 0)
        {
            throw new FormatException("$.registry.reserves: at least one reserve");
        }

        return (asOf, NetworkOf(document.Network), document.Height, document.Reserves.ToFrozenDictionary(NameOf, ReserveOf, StringComparer.Ordinal));
    }

    internal static string TextOf(RegistryNetwork network) => network.ToString().ToLowerInvariant();

    private static RegistryDocument Deserialize(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, RegistryJson.Default.RegistryDocument)!;
        }
        catch (JsonException fault)
        {
            // The serializer's own words are about types of this program.
            const string rule = "no member of a registry, without one of its members, or not a value of its kind";
            throw new FormatException($"$.registry{fault.Path?.TrimStart('$')}: {rule}", fault);
        }
    }

    /// <summary>What may be left out is left out where there is none: a null would be what a program writes that failed to find out.</summary>
    private static void DemandNoNull(ReadOnlySpan<byte> utf8)
    {
        for (Utf8JsonReader reader = new(utf8); reader.Read();)
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                throw new FormatException($"$.registry: a null at byte {reader.TokenStartIndex}; what is not there is left out");
            }
        }
    }

    private static RegistryNetwork NetworkOf(string text) =>
        Enum.GetValues<RegistryNetwork>().Where(network => TextOf(network) == text).Cast<RegistryNetwork?>().SingleOrDefault()
            ?? throw new FormatException("$.registry.network: it is mainnet, testnet, signet or regtest");

    private static string NameOf(KeyValuePair<string, ReserveDocument> reserve) =>
        reserve.Key.Length is >= 1 and <= MaximumNameLength
        && reserve.Key.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-')
            ? reserve.Key
            : throw new FormatException($"$.registry.reserves: a reserve is named by 1..{MaximumNameLength} of a-z, 0-9, _ and -");

    private static ReserveRecord ReserveOf(KeyValuePair<string, ReserveDocument> reserve)
    {
        (string path, ReserveDocument document) = ($"$.registry.reserves.{NameOf(reserve)}", reserve.Value);
        return new ReserveRecord(
            document.Epoch is >= 0 and <= MaximumNumber
                ? (ulong)document.Epoch
                : throw new FormatException($"{path}.epoch: 0..{MaximumNumber}"),
            Some($"{path}.groups", document.Groups).Select(static key => new GroupId(key)).ToFrozenSet(),
            document.Depositors is { } depositors ? Some($"{path}.depositors", depositors) : null,
            Keys($"{path}.custodians", document.Custodians),
            document.Quoter is { } quoter ? Key($"{path}.quoter", quoter) : null,
            document.Certificate switch
            {
                "required" => true,
                "none" => false,
                _ => throw new FormatException($"{path}.certificate: it is required or none"),
            });
    }

    private static FrozenSet<Bytes32> Some(string path, IReadOnlyList<string> texts) =>
        texts.Count > 0 ? Keys(path, texts) : throw new FormatException($"{path}: at least one key");

    private static FrozenSet<Bytes32> Keys(string path, IReadOnlyList<string> texts)
    {
        HashSet<Bytes32> keys = [];
        foreach ((int index, string text) in texts.Index())
        {
            if (!keys.Add(Key($"{path}[{index}]", text)))
            {
                throw new FormatException($"{path}[{index}]: the key is there twice");
            }
        }

        return keys.ToFrozenSet();
    }

    private static Bytes32 Key(string path, string text) =>
        XOnlyPublicKey.TryParseHex(text, out XOnlyPublicKey key) && key.ToString() == text
            ? key.ToBytes()
            : throw new FormatException($"{path}: an x-only key of secp256k1, 64 small hex digits");
}
