using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Documents;

/// <summary>A group as a node keeps it: the verified public data, and what the operator says about it.</summary>
/// <param name="Holders">The parties that hold the seats, by seat; empty where all seats are in one data directory.</param>
public sealed record StoredGroup(ThresholdInfo Group, GroupLifecycle Lifecycle, SeatSet Quarantined, IReadOnlyList<string> Holders)
{
    public GroupId Id => new(Group.GroupKey.XOnly);
}

/// <summary>Groups as public documents.</summary>
public static class GroupFile
{
    private const int Version = 1;

    /// <summary>The document of a group that was just dealt.</summary>
    /// <param name="holders">The parties that hold the seats, by seat; null where all seats are in one data directory.</param>
    public static NodeDocument Create(KeyGenerationTranscript transcript, IReadOnlyList<string>? holders)
    {
        GroupDocument document = new(
            Version,
            transcript.GroupKey.XOnly.ToString(),
            transcript.Threshold,
            transcript.Participants,
            transcript.GroupKey.ToString(),
            [.. transcript.CoefficientCommitments.Select(static point => point.ToString())],
            [.. transcript.PublicShares.Select(static point => point.ToString())],
            "active",
            [],
            holders);
        return new NodeDocument($"{document.Group}.json", JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Default.GroupDocument));
    }

    /// <summary>
    /// Stores a group's document; one that is there already must be the same group and stays as it is, with what the operator says about it. Throws
    /// <see cref="DataDirectoryException"/>: <c>file_invalid</c>.
    /// </summary>
    public static async ValueTask<StoredGroup> InstallAsync(INodeDocuments documents, ReadOnlyMemory<byte> content, string place)
    {
        StoredGroup group = Parse(content.Span, place);
        await documents.TryCreateAsync(DocumentKind.Group, new NodeDocument($"{group.Id}.json", content));
        return group;
    }

    /// <summary>Reads and verifies: every public share must follow from the dealer's commitments. Throws <c>file_invalid</c> otherwise.</summary>
    /// <param name="place">Where it was found, for messages.</param>
    public static StoredGroup Parse(ReadOnlySpan<byte> content, string place)
    {
        try
        {
            GroupDocument document = JsonSerializer.Deserialize(content, StoredJson.Default.GroupDocument) ?? throw new FormatException("it is null");
            return Verify(document);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new DataDirectoryException("file_invalid", $"{place} is not a group file: {fault.Message}", isTransient: false, fault);
        }
    }

    private static StoredGroup Verify(GroupDocument document)
    {
        if (document.Version != Version)
        {
            throw new FormatException($"its version is {document.Version}, not {Version}");
        }

        Outcome<KeyGenerationTranscript> transcript = KeyGenerationTranscript.Create(
            document.Threshold,
            document.Participants,
            [.. document.CoefficientCommitments.Select(ParsePoint)],
            ParsePoint(document.GroupKey),
            [.. document.PublicShares.Select(ParsePoint)]);
        if (!transcript.TryGet(out KeyGenerationTranscript? dealt, out FrostRefusal? refusal) || !dealt.Verify().TryGet(out ThresholdInfo? group, out refusal))
        {
            throw new FormatException(refusal.ToString());
        }

        bool seatsValid = SeatSet.TryFromAscending(document.Quarantined, out SeatSet quarantined);
        return document switch
        {
            _ when group.GroupKey.XOnly.ToString() != document.Group => throw new FormatException("its id is not that of its group key"),
            { Holders: { } holders } when holders.Count != document.Participants || holders.Any(string.IsNullOrEmpty) =>
                throw new FormatException("holders are one name a seat"),
            _ when !seatsValid => throw new FormatException("quarantined seats are ascending numbers"),
            { Lifecycle: "active" } => new StoredGroup(group, GroupLifecycle.Active, quarantined, document.Holders ?? []),
            { Lifecycle: "rekey_required" } => new StoredGroup(group, GroupLifecycle.RekeyRequired, quarantined, document.Holders ?? []),
            { Lifecycle: "retired" } => new StoredGroup(group, GroupLifecycle.Retired, quarantined, document.Holders ?? []),
            _ => throw new FormatException("lifecycle is active, rekey_required or retired"),
        };
    }

    private static Point ParsePoint(string hex) =>
        FixedBytes.TryParseHex(hex, out Bytes33 compressed) && Point.TryParse(compressed.AsSpan(), out Point point)
            ? point
            : throw new FormatException($"'{hex}' is not a point");
}
