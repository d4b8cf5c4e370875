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

/// <summary>What <c>journal verify</c> or <c>journal audit</c> found.</summary>
internal sealed record JournalVerifyDocument(
    bool Verified, long Rows, double Seconds, long RowsPerSecond, IReadOnlyList<VerifiedNode> Nodes, IReadOnlyList<FindingDocument> Findings)
{
    /// <summary>The file that the signed statements were written to; null where none were asked for.</summary>
    public string? Statement { get; init; }

    /// <summary>The identity keys that signed them, hex, by party; null where none were asked for.</summary>
    public IReadOnlyDictionary<string, string>? Identities { get; init; }
}

/// <summary>What was read of one node.</summary>
internal sealed record VerifiedNode(string Node, long Rows, long Entities, long Signatures, long Certificates, long Shares, int SeatFiles, long LastOrdering);

/// <summary>One thing that is wrong; <see cref="Entity"/> is empty when it concerns the node's journal as a whole.</summary>
internal sealed record FindingDocument(string Node, string Entity, long? Row, string Reason, string Message);

/// <summary>One journal by the name that reports give it, and what its audit found.</summary>
internal sealed record AuditedJournal(string Name, AuditReport Report);

/// <summary>An audit of several journals.</summary>
/// <param name="Document">What is shown.</param>
/// <param name="Journals">Those that were audited, and those that are gone though something earlier knows them.</param>
internal sealed record AuditRun(JournalVerifyDocument Document, IReadOnlyList<AuditedJournal> Journals);

/// <summary>Audits journal after journal of a data directory, or of a cluster node.</summary>
internal static class Verification
{
    /// <summary>
    /// Returns what was found. Throws <see cref="UsageException"/> <c>unknown_node</c>, <see cref="KeyProviderException"/>, and
    /// <see cref="JournalException"/> when the storage fails in a way that may pass; damage that stays is a finding.
    /// </summary>
    /// <param name="known">What the journals must continue, by their names; null for nothing.</param>
    internal static async Task<AuditRun> RunAsync(
        string path, string? name, IReadOnlyDictionary<string, EarlierAudit>? known, WorkProgress progress, CancellationToken cancellation)
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
    internal static Task<AuditRun> RunAsync(
        NodeSettings node,
        string? party,
        IReadOnlyDictionary<string, EarlierAudit>? known,
        WorkProgress progress,
        CancellationToken cancellation) => RunAsync(
        [.. PartyStorage.Select(node, party).Select(role => new Audited(role.Party, checkpoint => AuditAsync(role, node, checkpoint, progress, cancellation)))],
        party,
        known,
        progress);

    private static async Task<AuditRun> RunAsync(
        IReadOnlyList<Audited> audited, string? name, IReadOnlyDictionary<string, EarlierAudit>? known, WorkProgress progress)
    {
        Stopwatch watch = Stopwatch.StartNew();
        List<AuditedJournal> journals = [];
        foreach (Audited node in audited)
        {
            progress.Begin($"Verifying {node.Name}");
            journals.Add(new AuditedJournal(node.Name, await node.AuditAsync(known?.GetValueOrDefault(node.Name))));
        }

        AuditedJournal[] gone = [.. GoneSince(known, name, journals)];
        FindingDocument[] findings = [.. journals.Concat(gone).SelectMany(static journal => journal.Report.Findings.Select(finding =>
            new FindingDocument(journal.Name, finding.Entity, finding.Row, finding.Reason, finding.Message)))];
        long rows = journals.Sum(static journal => journal.Report.Rows);
        JournalVerifyDocument verified = new(
            findings.Length == 0,
            rows,
            Math.Round(watch.Elapsed.TotalSeconds, 3),
            (long)(rows / watch.Elapsed.TotalSeconds),
            [.. journals.Select(static journal => NodeOf(journal.Name, journal.Report))],
            findings);
        return new AuditRun(verified, [.. journals, .. gone]);
    }

    private static VerifiedNode NodeOf(string name, AuditReport report) => new(
        name,
        report.Rows,
        report.Entities,
        report.Signatures,
        report.Certificates,
        report.Shares,
        report.SeatFiles,
        report.Checkpoint.LastOrdering);

    private static Task<AuditReport> AuditAsync(
        DataDirectory data, NodeDirectory node, EarlierAudit? known, WorkProgress progress, CancellationToken cancellation) => OrFindingAsync(async () =>
    {
        if (!NodeJournal.IsThere(node))
        {
            return known is { Checkpoint.Rows: > 0 }
                ? Nothing(AuditReason.RolledBack, "The checkpoint knows rows of this node, and it has no journal.")
                : Nothing();
        }

        await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
        return await (await AuditOfAsync(storage.Store, storage.Keeper, node.Documents, cancellation)).RunAsync(known, progress, cancellation);
    });

    private static Task<AuditReport> AuditAsync(
        RoleSettings role, NodeSettings node, EarlierAudit? known, WorkProgress progress, CancellationToken cancellation) => OrFindingAsync(async () =>
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

    private static IEnumerable<AuditedJournal> GoneSince(
        IReadOnlyDictionary<string, EarlierAudit>? known, string? name, List<AuditedJournal> journals) => (known?.Keys ?? [])
        .Where(node => (name is null || node == name) && journals.All(journal => journal.Name != node))
        .Select(static node => new AuditedJournal(
            node, Nothing(AuditReason.RolledBack, "The checkpoint knows this node, and the directory does not have it.")));

    private static AuditReport Nothing() => new(0, 0, 0, 0, 0, 0, [], [], new JournalCheckpoint(0, 0, default));

    private static AuditReport Nothing(string reason, string message) => Nothing() with { Findings = [new AuditFinding(string.Empty, null, reason, message)] };

    /// <summary>A journal by the name that reports give it, and how it is audited against what is known of it from before.</summary>
    private sealed record Audited(string Name, Func<EarlierAudit?, Task<AuditReport>> AuditAsync);
}
