using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Trust;

/// <summary>Reads and writes rosters.</summary>
internal static class RosterFile
{
    private const int Version = 1;

    internal static Roster Load(string path)
    {
        try
        {
            return Read(JsonSerializer.Deserialize(DurableFile.Read(path), TrustJson.Default.RosterDocument) ?? throw new FormatException("it is null"));
        }
        catch (DataDirectoryException fault)
        {
            throw new DataDirectoryException(
                "roster_missing", $"{fault.Message} Every node needs its cluster's roster; make it with: signer pki roster", isTransient: false, fault);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new DataDirectoryException(
                "roster_invalid", $"{path} is not a roster: {fault.Message}. Correct it, the same at every operator.", isTransient: false, fault);
        }
    }

    internal static void Save(Roster roster, string path)
    {
        RosterDocument document = new(Version, roster.Cluster.ToString(), [.. roster.Parties.Select(DocumentOf)]);
        DurableFile.Create(path, JsonSerializer.SerializeToUtf8Bytes(document, TrustJson.Default.RosterDocument));
    }

    internal static string RoleText(PartyRole role) => role == PartyRole.Coordinator ? "coordinator" : "participant";

    internal static PartyRole ParseRole(string text) => text switch
    {
        "coordinator" => PartyRole.Coordinator,
        "participant" => PartyRole.Participant,
        _ => throw new FormatException($"a role is coordinator or participant, not '{text}'"),
    };

    private static Roster Read(RosterDocument document) => document.Version == Version
        ? new Roster(ClusterName.Parse(document.Cluster), [.. document.Parties.Select(ReadParty)])
        : throw new FormatException($"its version is {document.Version}, not {Version}");

    private static PartyDocument DocumentOf(RosterParty party) =>
        new(party.Name.ToString(), RoleText(party.Role), party.Identity.ToString()) { Pins = party.Pins.Count == 0 ? null : party.Pins };

    private static RosterParty ReadParty(PartyDocument? party) => party is null
        ? throw new FormatException("a party is null")
        : new RosterParty(
            PartyName.Parse(party.Name),
            ParseRole(party.Role),
            XOnlyPublicKey.TryParseHex(party.Identity, out XOnlyPublicKey identity)
                ? identity
                : throw new FormatException($"the identity of {party.Name} is not the 64 hex digits of an x-only key"),
            party.Pins);
}

/// <summary>A roster as its file has it.</summary>
internal sealed record RosterDocument(int Version, string Cluster, IReadOnlyList<PartyDocument> Parties);

/// <param name="Role"><c>coordinator</c> or <c>participant</c>.</param>
/// <param name="Identity">32 bytes hex: the x-only public key.</param>
internal sealed record PartyDocument(string Name, string Role, string Identity)
{
    /// <summary>SHA-256 of the public keys of its nodes' certificates, hex; absent for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Pins { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RosterDocument))]
[JsonSerializable(typeof(BundleDocument))]
[JsonSerializable(typeof(StatementsDocument))]
internal sealed partial class TrustJson : JsonSerializerContext;
