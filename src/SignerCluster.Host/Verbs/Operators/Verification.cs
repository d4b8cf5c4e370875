using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Runtime;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>What <c>journal verify</c> found.</summary>
internal sealed record JournalVerifyDocument(
    bool Verified, long Rows, double Seconds, long RowsPerSecond, IReadOnlyList<VerifiedNode> Nodes, IReadOnlyList<FindingDocument> Findings);

/// <summary>What was read of one node.</summary>
internal sealed record VerifiedNode(string Node, long Rows, long Entities, long Signatures, long Certificates, long Shares, int SeatFiles, long LastOrdering);

/// <summary>One thing that is wrong; <see cref="Entity"/> is empty when it concerns the node's journal as a whole.</summary>
internal sealed record FindingDocument(string Node, string Entity, long? Row, string Reason, string Message);

/// <summary>Audits node after node of a data directory.</summary>
internal static class Verification
{
    /// <summary>
    /// Returns what was found, and where the journals stand. Throws <see cref="UsageException"/> <c>unknown_node</c>, <see cref="KeyProviderException"/>, and
    /// <see cref="JournalException"/> when the storage fails in a way that may pass; damage that stays is a finding.
    /// </summary>
    internal static async Task<(JournalVerifyDocument Verified, CheckpointDocument Reached)> RunAsync(
        string path, string? name, CheckpointDocument? known, WorkProgress progress, CancellationToken cancellation)
    {
        using DataDirectory data = DataDirectory.Look(path);
        Stopwatch watch = Stopwatch.StartNew();
        List<VerifiedNode> nodes = [];
        List<FindingDocument> findings = [];
        List<NodeCheckpoint> reached = [];
        foreach (NodeDirectory node in DataNodes.Select(data, name))
        {
            progress.Begin($"Verifying {node.Name}");
            AuditReport report = await AuditAsync(data, node, known?.Find(node.Name), progress, cancellation);
            nodes.Add(new VerifiedNode(
                node.Name, report.Rows, report.Entities, report.Signatures, report.Certificates, report.Shares, report.SeatFiles, report.Checkpoint.LastOrdering));
            findings.AddRange(report.Findings.Select(finding => new FindingDocument(node.Name, finding.Entity, finding.Row, finding.Reason, finding.Message)));
            reached.Add(new NodeCheckpoint(node.Name, report.Checkpoint.LastOrdering, report.Checkpoint.Rows, report.Checkpoint.Digest.ToString()));
        }

        findings.AddRange(GoneSince(known, name, nodes));
        long rows = nodes.Sum(static node => node.Rows);
        JournalVerifyDocument verified = new(
            findings.Count == 0, rows, Math.Round(watch.Elapsed.TotalSeconds, 3), (long)(rows / watch.Elapsed.TotalSeconds), nodes, findings);
        return (verified, new CheckpointDocument(CheckpointDocument.CurrentVersion, reached));
    }

    /// <summary>The entities of all nodes whose histories cannot be trusted.</summary>
    internal static async Task<QuarantineListResponse> FindQuarantinedAsync(string path, WorkProgress progress, CancellationToken cancellation)
    {
        using DataDirectory data = DataDirectory.Look(path);
        List<QuarantinedResponse> found = [];
        foreach (NodeDirectory node in DataNodes.SelectWithJournal(data, name: null))
        {
            progress.Begin($"Reading {node.Name}");
            await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
            IReadOnlyList<UnreadableHistoryException> unreadable = await (await AuditOfAsync(node, storage, cancellation)).FindQuarantinedAsync(progress, cancellation);
            found.AddRange(unreadable.Select(one => new QuarantinedResponse(node.Name, one.Id.ToString(), one.SequenceNumber, one.Reason, one.Message)));
        }

        return new QuarantineListResponse(found);
    }

    private static async Task<AuditReport> AuditAsync(DataDirectory data, NodeDirectory node, JournalCheckpoint? known, WorkProgress progress, CancellationToken cancellation)
    {
        if (!File.Exists(node.JournalPath))
        {
            return known is { Rows: > 0 } ? Nothing(AuditReason.RolledBack, "The checkpoint knows rows of this node, and it has no journal.") : Nothing();
        }

        try
        {
            await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
            return await (await AuditOfAsync(node, storage, cancellation)).RunAsync(known, progress, cancellation);
        }
        catch (JournalException damaged) when (damaged.Code is "storage_corrupt" or "not_a_journal" or "key_ring_unreadable")
        {
            // No key of the ring, or no page of the file, can be trusted: nothing else of the node can be read, but the other nodes can.
            return Nothing(damaged.Code, damaged.Message);
        }
    }

    private static async Task<JournalAudit> AuditOfAsync(NodeDirectory node, NodeStorage storage, CancellationToken cancellation)
    {
        using GroupDirectory groups = await GroupDirectory.LoadPublicAsync(node.Documents, new SigningPolicy(), cancellation);
        Dictionary<GroupId, Frost.ThresholdInfo> known = groups.Groups.ToDictionary(static group => group.Id, static group => group.Group);
        return new JournalAudit(storage.Store, storage.Keeper, new SeatFiles(node.Documents), known.GetValueOrDefault);
    }

    private static IEnumerable<FindingDocument> GoneSince(CheckpointDocument? known, string? name, List<VerifiedNode> nodes) => (known?.Nodes ?? [])
        .Where(node => (name is null || node.Node == name) && nodes.All(verified => verified.Node != node.Node))
        .Select(static node => new FindingDocument(node.Node, string.Empty, null, AuditReason.RolledBack, "The checkpoint knows this node, and the directory does not have it."));

    private static AuditReport Nothing() => new(0, 0, 0, 0, 0, 0, [], new JournalCheckpoint(0, 0, default));

    private static AuditReport Nothing(string reason, string message) => Nothing() with { Findings = [new AuditFinding(string.Empty, null, reason, message)] };
}
