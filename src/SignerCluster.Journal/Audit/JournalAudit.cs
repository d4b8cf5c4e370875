using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Audit;

/// <summary>
/// Reads everything that one node stores and tells all that is wrong with it: every row by itself (its id, its number, its seal, its event), every
/// history as a whole, every stored signature and blame certificate, every seat file. Writes nothing and works beside a running signer: what is
/// appended meanwhile may or may not be read.
/// </summary>
/// <param name="keeper">Opened for looking.</param>
/// <param name="seats">Null for a node that has no seats.</param>
/// <param name="groups">The public data of a group; null for one that the node does not know.</param>
public sealed class JournalAudit(IJournalStore store, KeyKeeper keeper, SeatFiles? seats, Func<GroupId, ThresholdInfo?> groups)
{
    private const int PageLength = 512;
    private readonly RowOpening _opening = new(store, keeper);

    /// <summary>Audits everything. Throws <see cref="JournalException"/> when the storage, or a key that the ring says is there, cannot be had.</summary>
    /// <param name="known">What the journal must continue; null for nothing.</param>
    /// <param name="progress">Rows read so far.</param>
    public async ValueTask<AuditReport> RunAsync(EarlierAudit? known, IProgress<long>? progress, CancellationToken cancellation)
    {
        Findings findings = new();
        using CheckpointDigest digest = new(known?.Checkpoint);
        Dictionary<EntityId, long> last = [];
        HistoryAudit histories = new(_opening.Journal, store, groups, known?.Guardians ?? [], findings.Add);
        await ReadAllAsync(digest, last, histories, findings, progress, cancellation);
        IReadOnlyCollection<EntityId> entities = await ListAsync(last.Keys, cancellation);
        foreach (EntityId id in entities)
        {
            cancellation.ThrowIfCancellationRequested();
            await CheckHistoryAsync(histories, id, last, findings, cancellation);
        }

        histories.Guardians.CheckMissing();
        int files = await CheckSeatsAsync(findings, cancellation);
        if (digest.Compare() is { } against)
        {
            findings.Add(against);
        }

        return new AuditReport(
            digest.Current.Rows,
            entities.Count,
            histories.Signatures,
            histories.Certificates,
            histories.Shares,
            files,
            histories.Guardians.Standings,
            findings.All,
            digest.Current);
    }

    /// <summary>Reads every history as its activation would, and returns those that would be put in quarantine, with the first row that is wrong.</summary>
    public async ValueTask<IReadOnlyList<UnreadableHistoryException>> FindQuarantinedAsync(IProgress<long>? progress, CancellationToken cancellation)
    {
        List<UnreadableHistoryException> found = [];
        HistoryAudit histories = new(_opening.Journal, store, groups, [], static _ => { });
        long entities = 0;
        foreach (EntityId id in await ListAsync([], cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await histories.CheckAsync(id, cancellation);
            }
            catch (UnreadableHistoryException unreadable)
            {
                found.Add(unreadable);
            }

            progress?.Report(++entities);
        }

        return found;
    }

    /// <summary>Reads and opens the next page while one is looked at: the two take about as long.</summary>
    private async ValueTask ReadAllAsync(
        CheckpointDigest digest, Dictionary<EntityId, long> last, HistoryAudit histories, Findings findings, IProgress<long>? progress, CancellationToken cancellation)
    {
        long read = 0;
        Task<List<OpenedRow>> next = _opening.ReadPageAsync(0, PageLength, cancellation);
        try
        {
            for (List<OpenedRow> page = await next; page.Count > 0; page = await next)
            {
                next = _opening.ReadPageAsync(page[^1].Stored.Row.Ordering, PageLength, cancellation);
                foreach (OpenedRow row in page)
                {
                    await CheckRowAsync(row, digest, last, histories.Guardians, findings, cancellation);
                }

                progress?.Report(read += page.Count);
            }
        }
        finally
        {
            // Whoever asked for the audit closes the store after it.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async ValueTask CheckRowAsync(
        OpenedRow opened, CheckpointDigest digest, Dictionary<EntityId, long> last, GuardianAudit guardians, Findings findings, CancellationToken cancellation)
    {
        StoredRow stored = opened.Stored;
        if (opened.Id is not { } id)
        {
            digest.Skip(stored);
            findings.Add(
                new AuditFinding(stored.PersistenceId, stored.Row.SequenceNumber, AuditReason.IdMalformed, "The row stands under what is no entity's id."));
            return;
        }

        long expected = last.GetValueOrDefault(id) + 1;
        if (stored.Row.SequenceNumber != expected)
        {
            findings.Add(
                new AuditFinding(stored.PersistenceId, expected, QuarantineReason.RowMissing, $"Row {stored.Row.SequenceNumber} follows row {expected - 1}."));
        }

        last[id] = stored.Row.SequenceNumber;
        if (opened.Fault is { } unreadable)
        {
            digest.Skip(stored);
            findings.Add(unreadable);
        }
        else
        {
            digest.Add(stored, opened.Digest);
        }

        if (id.Kind == EntityKind.Guardian)
        {
            await guardians.TakeAsync(id, opened, cancellation);
        }
    }

    /// <summary>
    /// Every entity of which there is a row, and every one that the store knows: of one whose rows are all missing only the store still knows.
    /// </summary>
    private async ValueTask<IReadOnlyCollection<EntityId>> ListAsync(IEnumerable<EntityId> met, CancellationToken cancellation)
    {
        HashSet<EntityId> entities = [.. met];
        foreach (string kind in HistoryAudit.Kinds)
        {
            await foreach (EntityId id in store.ListAsync(kind, cancellation))
            {
                entities.Add(id);
            }
        }

        return entities;
    }

    private async ValueTask CheckHistoryAsync(
        HistoryAudit histories, EntityId id, Dictionary<EntityId, long> last, Findings findings, CancellationToken cancellation)
    {
        try
        {
            if (!await histories.CheckAsync(id, cancellation))
            {
                await CheckRestAsync(id, 0, findings, cancellation);
            }

            long version = await store.ReadVersionAsync(id, cancellation);
            if (version < last.GetValueOrDefault(id))
            {
                findings.Add(
                    new AuditFinding(id.ToString(), version + 1, QuarantineReason.RowMalformed, $"The store says that the history ends with row {version}."));
            }
        }
        catch (UnreadableHistoryException unreadable)
        {
            findings.Add(unreadable);
            await CheckRestAsync(id, unreadable.SequenceNumber, findings, cancellation);
        }
    }

    /// <summary>Of a history that cannot be used, every row that holds no event is still told.</summary>
    private async ValueTask CheckRestAsync(EntityId id, long after, Findings findings, CancellationToken cancellation)
    {
        await foreach (OpenedRow row in _opening.ReadRestAsync(id, after, cancellation))
        {
            try
            {
                HistoryAudit.RequireKnown(id, row.Stored.Row.Manifest, row.Plain.Span);
            }
            catch (UnreadableEventException unreadable)
            {
                findings.Add(new AuditFinding(id.ToString(), row.Stored.Row.SequenceNumber, QuarantineReason.EventUnreadable, unreadable.Message));
            }
        }
    }

    private async ValueTask<int> CheckSeatsAsync(Findings findings, CancellationToken cancellation)
    {
        IReadOnlyList<(string Name, string? Fault)> all = seats is null ? [] : await seats.CheckAsync(keeper.Keys, groups, cancellation);
        foreach ((string name, string? fault) in all.Where(static seat => seat.Fault is not null))
        {
            findings.Add(new AuditFinding($"seats/{name}", null, AuditReason.SeatUnusable, fault!));
        }

        return all.Count;
    }

    /// <summary>One finding a row: the row's own fault stands first, and the history's is the same one seen again.</summary>
    private sealed class Findings
    {
        private readonly HashSet<(string Entity, long? Row, string? Reason)> _places = [];
        private readonly List<AuditFinding> _all = [];

        internal IReadOnlyList<AuditFinding> All => _all;

        internal void Add(AuditFinding finding)
        {
            if (_places.Add((finding.Entity, finding.Row, finding.Row is null ? finding.Reason : null)))
            {
                _all.Add(finding);
            }
        }

        internal void Add(UnreadableHistoryException unreadable)
        {
            // The finding names its place itself.
            string place = $"{unreadable.Id}, row {unreadable.SequenceNumber}: ";
            string message = unreadable.Message.StartsWith(place, StringComparison.Ordinal) ? unreadable.Message[place.Length..] : unreadable.Message;
            Add(new AuditFinding(unreadable.Id.ToString(), unreadable.SequenceNumber, unreadable.Reason, message));
        }
    }
}
