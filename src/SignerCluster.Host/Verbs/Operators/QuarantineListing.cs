using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Http;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary><c>journal quarantine list</c>.</summary>
/// <param name="Unread">The journals of which nothing can be read; null for none.</param>
internal sealed record QuarantineListDocument(IReadOnlyList<QuarantinedResponse> Entities, IReadOnlyList<UnreadJournal>? Unread = null);

/// <summary>A journal of which nothing can be read: it was lost, or neither its file nor its key ring can be trusted.</summary>
internal sealed record UnreadJournal(string Node, string Reason, string Message);

/// <summary>
/// Lists the entities whose histories cannot be trusted, journal after journal. One of which nothing can be read is named, and the others are still read.
/// Throws <see cref="KeyProviderException"/>, and <see cref="JournalException"/> when the storage fails in a way that may pass.
/// </summary>
internal static class QuarantineListing
{
    /// <summary>Of all nodes of a data directory; one that a keygen has not finished has nothing to list.</summary>
    internal static async Task<QuarantineListDocument> RunAsync(string path, WorkProgress progress, CancellationToken cancellation)
    {
        using DataDirectory data = DataDirectory.Look(path);
        return await RunAsync(
            [.. DataNodes.Select(data, name: null).Select(node => new Listed(node.Name, () => FindAsync(data, node, progress, cancellation)))], progress);
    }

    /// <summary>Of the databases of a cluster node's parties.</summary>
    internal static Task<QuarantineListDocument> RunAsync(NodeSettings node, WorkProgress progress, CancellationToken cancellation) =>
        RunAsync([.. node.Parties.Select(role => new Listed(role.Party, () => FindAsync(role, node, progress, cancellation)))], progress);

    private static async Task<QuarantineListDocument> RunAsync(IReadOnlyList<Listed> journals, WorkProgress progress)
    {
        List<QuarantinedResponse> found = [];
        List<UnreadJournal> unread = [];
        foreach (Listed journal in journals)
        {
            progress.Begin($"Reading {journal.Name}");
            try
            {
                found.AddRange((await journal.FindAsync())
                    .Select(one => new QuarantinedResponse(journal.Name, one.Id.ToString(), one.SequenceNumber, one.Reason, one.Message)));
            }
            catch (JournalException damaged) when (Verification.IsOfOneJournal(damaged))
            {
                unread.Add(new UnreadJournal(journal.Name, damaged.Code, damaged.Message));
            }
        }

        return new QuarantineListDocument(found, unread.Count == 0 ? null : unread);
    }

    private static async Task<IReadOnlyList<UnreadableHistoryException>> FindAsync(
        DataDirectory data, NodeDirectory node, WorkProgress progress, CancellationToken cancellation)
    {
        if (!NodeJournal.IsThere(node))
        {
            return [];
        }

        await using NodeStorage storage = await NodeStorage.LookAsync(data, node, NullLoggerFactory.Instance);
        return await FindAsync(storage.Store, storage.Keeper, node.Documents, progress, cancellation);
    }

    private static async Task<IReadOnlyList<UnreadableHistoryException>> FindAsync(
        RoleSettings role, NodeSettings node, WorkProgress progress, CancellationToken cancellation)
    {
        await using PartyStorage storage = await PartyStorage.LookAsync(role, node, NullLoggerFactory.Instance, cancellation);
        return await FindAsync(storage.Journal, storage.Keeper, storage.Documents, progress, cancellation);
    }

    private static async Task<IReadOnlyList<UnreadableHistoryException>> FindAsync(
        IJournalStore store, KeyKeeper keeper, INodeDocuments documents, WorkProgress progress, CancellationToken cancellation)
    {
        JournalAudit audit = await Verification.AuditOfAsync(store, keeper, documents, cancellation);
        return await audit.FindQuarantinedAsync(progress, cancellation);
    }

    /// <summary>A journal by the name that lists give it, and how it is read.</summary>
    private sealed record Listed(string Name, Func<Task<IReadOnlyList<UnreadableHistoryException>>> FindAsync);
}
