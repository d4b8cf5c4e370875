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

    /// <summary>The checkpoint of a node; null when the file has none of it. Throws <see cref="FormatException"/>.</summary>
    internal JournalCheckpoint? Find(string node) => Nodes.FirstOrDefault(one => one.Node == node) is { } found
        ? new JournalCheckpoint(
            found.LastOrdering,
            found.Rows,
            FixedBytes.TryParseHex(found.Digest, out Bytes32 digest) ? digest : throw new FormatException("a digest is 64 hex digits"))
        : null;
}

/// <summary>Where one node's journal stood.</summary>
/// <param name="Digest">64 hex digits.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NodeCheckpoint(string Node, long LastOrdering, long Rows, string Digest);

/// <summary>Reads and writes checkpoint files.</summary>
internal static class CheckpointFile
{
    /// <summary>Throws <see cref="UsageException"/>: <c>checkpoint_missing</c>, <c>checkpoint_invalid</c>.</summary>
    internal static CheckpointDocument Read(string path)
    {
        try
        {
            CheckpointDocument document = JsonSerializer.Deserialize(File.ReadAllBytes(path), ResultJson.Readable.CheckpointDocument)
                ?? throw new JsonException("It is null.");
            bool isValid = document.Version == CheckpointDocument.CurrentVersion && document.Nodes is not null
                && document.Nodes.All(static node => node is { Node: not null, Digest: not null });
            _ = isValid
                ? document.Nodes!.Count(node => document.Find(node.Node) is not null)
                : throw new FormatException("version, nodes or a node's fields are not known");
            return document;
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
