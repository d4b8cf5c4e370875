using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Journal.Audit;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>Where the journals of all nodes stood. Kept away from them, it tells when an older copy is put in their place.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CheckpointDocument(int Version, IReadOnlyList<NodeCheckpoint> Nodes)
{
    internal const int CurrentVersion = 1;

    /// <summary>What it says of each node. Throws <see cref="FormatException"/>.</summary>
    internal Dictionary<string, EarlierAudit> ToEarlier()
    {
        Dictionary<string, EarlierAudit> earlier = new(StringComparer.Ordinal);
        foreach (NodeCheckpoint node in Nodes)
        {
            Bytes32 digest = FixedBytes.TryParseHex(node.Digest, out Bytes32 read) ? read : throw new FormatException("a digest is 64 hex digits");
            if (!earlier.TryAdd(node.Node, new EarlierAudit(new JournalCheckpoint(node.LastOrdering, node.Rows, digest), [])))
            {
                throw new FormatException($"{node.Node} is there twice");
            }
        }

        return earlier;
    }

    /// <summary>Where the journals of an audit without findings stand.</summary>
    internal static CheckpointDocument Of(IEnumerable<AuditedJournal> journals) => new(CurrentVersion, [.. journals.Select(static journal =>
    {
        JournalCheckpoint checkpoint = journal.Report.Checkpoint;
        return new NodeCheckpoint(journal.Name, checkpoint.LastOrdering, checkpoint.Rows, checkpoint.Digest.ToString());
    })]);
}

/// <summary>Where one node's journal stood.</summary>
/// <param name="Digest">64 hex digits.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NodeCheckpoint(string Node, long LastOrdering, long Rows, string Digest);

/// <summary>Reads and writes checkpoint files.</summary>
internal static class CheckpointFile
{
    /// <summary>Throws <see cref="UsageException"/>: <c>checkpoint_missing</c>, <c>checkpoint_invalid</c>.</summary>
    internal static IReadOnlyDictionary<string, EarlierAudit> Read(string path)
    {
        try
        {
            CheckpointDocument document = JsonSerializer.Deserialize(File.ReadAllBytes(path), ResultJson.Readable.CheckpointDocument)
                ?? throw new JsonException("It is null.");
            bool isValid = document.Version == CheckpointDocument.CurrentVersion && document.Nodes is not null
                && document.Nodes.All(static node => node is { Node: not null, Digest: not null });
            return isValid ? document.ToEarlier() : throw new FormatException("version, nodes or a node's fields are not known");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("checkpoint_missing", $"--checkpoint: {path} cannot be read: {fault.Message}");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new UsageException("checkpoint_invalid", $"--checkpoint: {path} is not a checkpoint: {fault.Message}");
        }
    }

    /// <summary>Replaces the file. Throws <see cref="UnavailableException"/> <c>checkpoint_unwritable</c>.</summary>
    internal static void Write(string path, CheckpointDocument document)
    {
        try
        {
            OutputFile.Write(path, [.. JsonSerializer.SerializeToUtf8Bytes(document, ResultJson.Readable.CheckpointDocument), (byte)'\n']);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException(
                "checkpoint_unwritable", $"--write-checkpoint: {path} cannot be written: {fault.Message} The journals are as they were written.");
        }
    }
}
