using System.Text.Json.Serialization;

namespace SignerCluster.Journal.Documents;

/// <summary>A group's public file: everything that any node or auditor needs to know of it.</summary>
/// <param name="GroupKey">33 bytes hex.</param>
/// <param name="CoefficientCommitments">The dealer's Feldman commitments, 33 bytes hex each, constant term first.</param>
/// <param name="PublicShares">By seat, 33 bytes hex each.</param>
/// <param name="Lifecycle"><c>active</c>, <c>rekey_required</c> or <c>retired</c>: the operator's word, edited by hand.</param>
/// <param name="Quarantined">Seats that the operator refuses to sign with, edited by hand.</param>
/// <param name="Holders">The parties that hold the seats, by seat; missing where all seats are in one data directory.</param>
internal sealed record GroupDocument(
    int Version,
    string Group,
    int Threshold,
    int Participants,
    string GroupKey,
    IReadOnlyList<string> CoefficientCommitments,
    IReadOnlyList<string> PublicShares,
    string Lifecycle,
    IReadOnlyList<int> Quarantined,
    IReadOnlyList<string>? Holders = null);

/// <summary>A seat's sealed file. The seal binds group and seat, so that a file cannot stand in for another.</summary>
/// <param name="Sealed">Base64 of the envelope over the 32-byte secret share, under a data key of the node's key ring.</param>
internal sealed record SeatDocument(int Version, string Group, int Seat, string Sealed);

[JsonSourceGenerationOptions(
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(GroupDocument))]
[JsonSerializable(typeof(SeatDocument))]
internal sealed partial class StoredJson : JsonSerializerContext;
