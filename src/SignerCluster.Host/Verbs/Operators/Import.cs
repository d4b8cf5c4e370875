using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>What <c>journal import</c> brought over.</summary>
internal sealed record JournalImportDocument(string From, string Data, IReadOnlyList<ImportedNode> Nodes);

/// <summary>What one node brought along; the last three as <c>journal verify</c> counts them in the copy.</summary>
/// <param name="KeyFile">Was its key-encryption key in a file of its own folder?</param>
internal sealed record ImportedNode(string Node, int Groups, int SeatFiles, bool KeyFile, long Rows = 0, long Entities = 0, long Signatures = 0);

/// <summary>
/// Brings a data directory of an earlier version over into a new one. The copy is made and verified under another name beside its place, and is renamed when
/// all of it is right, so that the new directory is there whole or not at all. The earlier one is only read.
/// </summary>
internal static class Import
{
    /// <summary>
    /// Returns what was verified, and what was imported: null, and no directory is made, when there is a finding. Throws <see cref="UsageException"/>, and as
    /// <see cref="Verification.RunAsync(string, string?, IReadOnlyDictionary{string, EarlierAudit}?, WorkProgress, CancellationToken)"/>; whatever ends it
    /// early leaves nothing.
    /// </summary>
    /// <param name="acceptsLoss">Go on with an empty journal for the coordinator, where its own is lost.</param>
    internal static async Task<(JournalVerifyDocument Verified, JournalImportDocument? Imported)> RunAsync(
        string from, string path, bool acceptsLoss, WorkProgress progress, CancellationToken cancellation)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string unfinished = target + ".import";
        using DataDirectory old = DataDirectory.HoldUnchanged(from);
        RequireImportable(old);
        RequireFree(target, unfinished, from);
        bool isDone = false;
        try
        {
            using DataDirectory copy = DataDirectory.Hold(unfinished);
            IReadOnlyList<ImportedNode> copied = await CopyAsync(old, copy, acceptsLoss, progress, cancellation);
            (JournalVerifyDocument verified, _) = await Verification.RunAsync(unfinished, name: null, known: null, progress, cancellation);
            if (verified.Findings.Count > 0)
            {
                return (verified, null);
            }

            cancellation.ThrowIfCancellationRequested();
            copy.Rename(target);
            isDone = true;
            IEnumerable<ImportedNode> imported = copied.Join(verified.Nodes, static one => one.Node, static one => one.Node, WithCounts);
            return (verified, new JournalImportDocument(from, path, [.. imported]));
        }
        finally
        {
            if (!isDone && Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    private static void RequireImportable(DataDirectory old)
    {
        if (old.Coordinator.Documents.IsEmpty)
        {
            throw new UsageException("data_missing", $"--from: {old.Path} holds no group; there is nothing to import.");
        }

        int participants = old.Participants.Count;
        if (Directory.GetDirectories(Path.Combine(old.Path, "participants")).Length > participants)
        {
            string missing = old.Participant(participants).Path;
            throw new UsageException("data_missing", $"--from: {missing} is missing, and participants of higher numbers are there. Restore it first.");
        }

        IEnumerable<string> documents = ((string[])[old.KeyProviderPath, old.NextKeyProviderPath]).Where(File.Exists);
        IReadOnlyList<NodeDirectory> nodes = DataNodes.Select(old, name: null);
        IEnumerable<string?> keys = documents.SelectMany(document => nodes.Select(node => KeyProviderSettings.Load(document, node.Name).Path));
        if (keys.FirstOrDefault(key => key is not null && IsBelow(key, old.Path)) is { } inside)
        {
            throw new UsageException(
                "key_left_behind",
                $"--from: the key file {inside} lies in the directory that is left behind. Move it elsewhere, and name its place in {old.KeyProviderPath}.");
        }
    }

    private static void RequireFree(string target, string unfinished, string from)
    {
        if (IsBelow(target, from))
        {
            throw new UsageException("data_nested", $"--data: {target} lies in {from}, which is not changed. Name another place.");
        }

        if (Path.Exists(target) && !(Directory.Exists(target) && !Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new UsageException("data_not_empty", $"--data: {target} is there already. Name a new or an empty directory.");
        }

        if (Path.Exists(unfinished))
        {
            throw new UsageException("import_unfinished", $"--data: {unfinished} is there: an import runs, or was killed. Remove it when none runs.");
        }
    }

    private static bool IsBelow(string path, string folder) =>
        Path.GetFullPath(path).StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The participants first: their journals tell whether the coordinator must have one.</summary>
    private static async Task<IReadOnlyList<ImportedNode>> CopyAsync(
        DataDirectory old, DataDirectory copy, bool acceptsLoss, WorkProgress progress, CancellationToken cancellation)
    {
        InstallIfThere(old.KeyProviderPath, copy.KeyProviderPath);
        InstallIfThere(old.NextKeyProviderPath, copy.NextKeyProviderPath);
        List<ImportedNode> copied = [];
        IReadOnlyList<NodeDirectory> participants = old.Participants;
        for (int number = 0; number < participants.Count; number++)
        {
            (NodeDirectory from, NodeDirectory to) = (participants[number], copy.Participant(number));
            copied.Add(await CopyAsync(from, to, progress, () => NodeCopy.CopyJournalAsync(from, to, cancellation), cancellation));
        }

        ImportedNode coordinator = await CopyAsync(
            old.Coordinator, copy.Coordinator, progress, () => CopyCoordinatorJournalAsync(old, copy, acceptsLoss, cancellation), cancellation);
        return [coordinator, .. copied];
    }

    private static void InstallIfThere(string document, string place)
    {
        if (File.Exists(document))
        {
            KeyProviderSettings.Install(document, place);
        }
    }

    private static async Task<ImportedNode> CopyAsync(
        NodeDirectory from, NodeDirectory to, WorkProgress progress, Func<Task> copyJournal, CancellationToken cancellation)
    {
        progress.Begin($"Copying {from.Name}");
        bool keyFile = NodeCopy.CopyKey(from, to);
        await copyJournal();
        return new ImportedNode(
            from.Name,
            await NodeCopy.CopyDocumentsAsync(DocumentKind.Group, from, to, cancellation),
            await NodeCopy.CopyDocumentsAsync(DocumentKind.Seat, from, to, cancellation),
            keyFile);
    }

    /// <summary>Earlier versions made the coordinator's journal at the first start. Where no seat knows a session, it was never needed.</summary>
    private static async Task CopyCoordinatorJournalAsync(DataDirectory old, DataDirectory copy, bool acceptsLoss, CancellationToken cancellation)
    {
        try
        {
            await NodeCopy.CopyJournalAsync(old.Coordinator, copy.Coordinator, cancellation);
        }
        catch (JournalException lost) when (lost.Code == JournalException.MissingCode)
        {
            if (!acceptsLoss && await KnowsSessionAsync(copy.Participants, cancellation))
            {
                throw;
            }

            await using JournalSystem system = JournalSystem.StartLocal([copy.Coordinator.Name], NullLoggerFactory.Instance);
            await (await NodeStorage.CreateAsync(system, copy, copy.Coordinator)).DisposeAsync();
        }
    }

    private static async Task<bool> KnowsSessionAsync(IEnumerable<NodeDirectory> participants, CancellationToken cancellation)
    {
        foreach (NodeDirectory participant in participants)
        {
            await using SqliteJournal journal = SqliteJournal.OpenReadOnly(participant.JournalPath);
            await foreach (EntityId _ in journal.ListAsync(EntityKind.SigningSession, cancellation))
            {
                return true;
            }
        }

        return false;
    }

    private static ImportedNode WithCounts(ImportedNode copied, VerifiedNode verified) =>
        copied with { Rows = verified.Rows, Entities = verified.Entities, Signatures = verified.Signatures };
}
