using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime;

/// <summary>A group as a node keeps it: the verified public data, and what the operator says about it.</summary>
public sealed record StoredGroup(ThresholdInfo Group, GroupLifecycle Lifecycle, SeatSet Quarantined)
{
    public GroupId Id => new(Group.GroupKey.XOnly);
}

/// <summary>Reads and writes groups' public files.</summary>
internal static class GroupFile
{
    private const int Version = 1;

    internal static void Create(NodeDirectory node, KeyGenerationTranscript transcript)
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
            []);
        DurableFile.Create(Path.Combine(node.GroupsPath, $"{document.Group}.json"), JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Default.GroupDocument));
    }

    /// <summary>Loads and verifies: every public share must follow from the dealer's commitments. Throws <c>file_invalid</c> otherwise.</summary>
    internal static StoredGroup Load(string path)
    {
        try
        {
            GroupDocument document = JsonSerializer.Deserialize(DurableFile.Read(path), StoredJson.Default.GroupDocument) ?? throw new FormatException("it is null");
            return Verify(document);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new DataDirectoryException("file_invalid", $"{path} is not a group file: {fault.Message}", isTransient: false, fault);
        }
    }

    private static StoredGroup Verify(GroupDocument document)
    {
        if (document.Version != Version)
        {
            throw new FormatException($"its version is {document.Version}, not {Version}");
        }

        Outcome<KeyGenerationTranscript> transcript = KeyGenerationTranscript.Create(
            document.Threshold, document.Participants, [.. document.CoefficientCommitments.Select(ParsePoint)], ParsePoint(document.GroupKey), [.. document.PublicShares.Select(ParsePoint)]);
        if (!transcript.TryGet(out KeyGenerationTranscript? dealt, out FrostRefusal? refusal) || !dealt.Verify().TryGet(out ThresholdInfo? group, out refusal))
        {
            throw new FormatException(refusal.ToString());
        }

        bool seatsValid = SeatSet.TryFromAscending(document.Quarantined, out SeatSet quarantined);
        return document switch
        {
            _ when group.GroupKey.XOnly.ToString() != document.Group => throw new FormatException("its id is not that of its group key"),
            _ when !seatsValid => throw new FormatException("quarantined seats are ascending numbers"),
            { Lifecycle: "active" } => new StoredGroup(group, GroupLifecycle.Active, quarantined),
            { Lifecycle: "rekey_required" } => new StoredGroup(group, GroupLifecycle.RekeyRequired, quarantined),
            { Lifecycle: "retired" } => new StoredGroup(group, GroupLifecycle.Retired, quarantined),
            _ => throw new FormatException("lifecycle is active, rekey_required or retired"),
        };
    }

    private static Point ParsePoint(string hex) =>
        FixedBytes.TryParseHex(hex, out Bytes33 compressed) && Point.TryParse(compressed.AsSpan(), out Point point) ? point : throw new FormatException($"'{hex}' is not a point");
}
