using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>What <c>journal verify</c> found.</summary>
internal sealed record JournalVerifyDocument(
    bool Verified, long Rows, double Seconds, long RowsPerSecond, IReadOnlyList<VerifiedNode> Nodes, IReadOnlyList<FindingDocument> Findings);

/// <summary>What was read of one node.</summary>
internal sealed record VerifiedNode(string Node, long Rows, long Entities, long Signatures, long Certificates, long Shares, int SeatFiles, long LastOrdering);

/// <summary>One thing that is wrong; <see cref="Entity"/> is empty when it concerns the node's journal as a whole.</summary>
internal sealed record FindingDocument(string Node, string Entity, long? Row, string Reason, string Message);

/// <summary>Audits journal after journal of a data directory, or of a cluster node.</summary>
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
        return await RunAsync(
            [.. DataNodes.Select(data, name).Select(node => new Audited(node.Name, checkpoint => AuditAsync(data, node, checkpoint, progress, cancellation)))],
            name,
            known,
            progress);
    }

    /// <summary>As the other, for the databases of a cluster node's parties, beside the nodes that work on them.</summary>
    /// <param name="party">One party alone; null for all of the node.</param>
    internal static Task<(JournalVerifyDocument Verified, CheckpointDocument Reached)> RunAsync(
        NodeSettings node, string? party, CheckpointDocument? known, WorkProgress progress, CancellationToken cancellation) => RunAsync(
        [.. PartyStorage.Select(node, party).Select(role => new Audited(role.Party, checkpoint => AuditAsync(role, node, checkpoint, progress, cancellation)))],
        party,
        known,
        progress);

    private static async Task<(JournalVerifyDocument Verified, CheckpointDocument Reached)> RunAsync(
        IReadOnlyList<Audited> audited, string? name, CheckpointDocument? known, WorkProgress progress)
    {
        Stopwatch watch = Stopwatch.StartNew();
        List<VerifiedNode> nodes = [];
        List<FindingDocument> findings = [];
        List<NodeCheckpoint> reached = [];
        foreach (Audited node in audited)
        {
            progress.Begin($"Verifying {node.Name}");
            AuditReport report = await node.AuditAsync(known?.Find(node.Name));
            nodes.Add(new VerifiedNode(
                node.Name,
                report.Rows,
                report.Entities,
                report.Signatures,
                report.Certificates,
                report.Shares,
                report.SeatFiles,
                report.Checkpoint.LastOrdering));
            findings.AddRange(report.Findings.Select(finding => new FindingDocument(node.Name, finding.Entity, finding.Row, finding.Reason, finding.Message)));
            reached.Add(new NodeCheckpoint(node.Name, report.Checkpoint.LastOrdering, report.Checkpoint.Rows, report.Checkpoint.Digest.ToString()));
        }

        findings.AddRange(GoneSince(known, name, nodes));
        long rows = nodes.Sum(static node => node.Rows);
        JournalVerifyDocument verified = new(
            findings.Count == 0, rows, Math.Round(watch.Elapsed.TotalSeconds, 3), (long)(rows / watch.Elapsed.TotalSeconds), nodes, findings);
        return (verified, new CheckpointDocument(CheckpointDocument.CurrentVersion, reached));
    }

    private static Task<AuditReport> AuditAsync(
        DataDirectory data, NodeDirectory node, JournalCheckpoint? known, WorkProgress progress, CancellationToken cancellation) => OrFindingAsync(async () =>
    {
        if (!NodeJournal.IsThere(node))
        {
            return known is { Rows: > 0 } ? Nothing(AuditReason.RolledBack, "The checkpoint knows rows of this node, and it has no journal.") : Nothing();
        }

        await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
        return await (await AuditOfAsync(storage.Store, storage.Keeper, node.Documents, cancellation)).RunAsync(known, progress, cancellation);
    });

    private static Task<AuditReport> AuditAsync(
        RoleSettings role, NodeSettings node, JournalCheckpoint? known, WorkProgress progress, CancellationToken cancellation) => OrFindingAsync(async () =>
        {
            await using PartyStorage storage = await PartyStorage.LookAsync(role, node, NullLoggerFactory.Instance, cancellation);
            return await (await AuditOfAsync(storage.Journal, storage.Keeper, storage.Documents, cancellation)).RunAsync(known, progress, cancellation);
        });

    private static async Task<AuditReport> OrFindingAsync(Func<Task<AuditReport>> audit)
    {
        try
        {
            return await audit();
        }
        catch (JournalException damaged) when (IsOfOneJournal(damaged))
        {
            return Nothing(damaged.Code, damaged.Message);
        }
    }

    /// <summary>
    /// Is the journal lost, or can no key of its ring or no page of its file be trusted? Then nothing of its node can be read, but the other nodes can.
    /// </summary>
    internal static bool IsOfOneJournal(JournalException fault) =>
        fault.Code is JournalException.MissingCode or "storage_corrupt" or "not_a_journal" or "key_ring_unreadable";

    /// <summary>The audit of an open journal, with the groups that its node knows.</summary>
    internal static async Task<JournalAudit> AuditOfAsync(IJournalStore store, KeyKeeper keeper, INodeDocuments documents, CancellationToken cancellation)
    {
        using GroupDirectory groups = await GroupDirectory.LoadPublicAsync(documents, new SigningPolicy(), TimeProvider.System, cancellation);
        Dictionary<GroupId, Frost.ThresholdInfo> known = groups.Groups.ToDictionary(static group => group.Id, static group => group.Group);
        return new JournalAudit(store, keeper, new SeatFiles(documents), known.GetValueOrDefault);
    }

    private static IEnumerable<FindingDocument> GoneSince(CheckpointDocument? known, string? name, List<VerifiedNode> nodes) => (known?.Nodes ?? [])
        .Where(node => (name is null || node.Node == name) && nodes.All(verified => verified.Node != node.Node))
        .Select(static node =>
            new FindingDocument(node.Node, string.Empty, null, AuditReason.RolledBack, "The checkpoint knows this node, and the directory does not have it."));

    private static AuditReport Nothing() => new(0, 0, 0, 0, 0, 0, [], new JournalCheckpoint(0, 0, default));

    private static AuditReport Nothing(string reason, string message) => Nothing() with { Findings = [new AuditFinding(string.Empty, null, reason, message)] };

    /// <summary>A journal by the name that reports give it, and how it is audited against what a checkpoint knows of it.</summary>
    private sealed record Audited(string Name, Func<JournalCheckpoint?, Task<AuditReport>> AuditAsync);
}
