using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Audit;

/// <summary>One row of a journal as anyone may see it.</summary>
/// <param name="Entity">The persistence id as it is stored.</param>
/// <param name="Row">Sequence number, manifest, writer, time, ordering and key epoch as they are stored; the message is still sealed.</param>
/// <param name="Event">The event as UTF-8 JSON; empty when the row cannot be read.</param>
/// <param name="Unreadable">Why the row cannot be read, one of <see cref="QuarantineReason"/> or <see cref="AuditReason"/>; null when it can.</param>
public readonly record struct ExportedRow(string Entity, JournalRow Row, ReadOnlyMemory<byte> Event, string? Unreadable);

/// <summary>
/// Tells every row of one node's journal in the order of the commits, opened, so that somebody who trusts none of our code can check the history. Events hold
/// public facts only; of the key ring the wrapped keys are left out all the same. Writes nothing and works beside a running signer.
/// </summary>
/// <param name="keeper">Opened for looking.</param>
public sealed class JournalExport(IJournalStore store, KeyKeeper keeper)
{
    private const int PageLength = 512;
    private static readonly string[] _notShown = ["wrapped", "keys"];
    private readonly RowOpening _opening = new(store, keeper);

    /// <summary>
    /// Reads all rows that are there when it comes to the end. A row that cannot be read is told as such and ends nothing. Throws
    /// <see cref="JournalException"/> when the storage, or a key that the ring says is there, cannot be had.
    /// </summary>
    public async IAsyncEnumerable<ExportedRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<StoredRow> page = [];
        do
        {
            page = await store.ReadAllAsync(page.Count == 0 ? 0 : page[^1].Row.Ordering, PageLength, cancellation);
            foreach (StoredRow stored in page)
            {
                yield return await OpenAsync(stored, cancellation);
            }
        }
        while (page.Count == PageLength);
    }

    private async ValueTask<ExportedRow> OpenAsync(StoredRow stored, CancellationToken cancellation)
    {
        if (!EntityId.TryParse(stored.PersistenceId, out EntityId id))
        {
            return Unreadable(stored, AuditReason.IdMalformed);
        }

        try
        {
            ReadOnlyMemory<byte> plain = await _opening.OpenAsync(id, stored, cancellation);
            HistoryAudit.RequireKnown(id, stored.Row.Manifest, plain.Span);
            return new ExportedRow(stored.PersistenceId, stored.Row, id == EntityAddress.KeyRing ? WithoutKeys(plain.Span) : plain, null);
        }
        catch (UnreadableHistoryException unreadable)
        {
            return Unreadable(stored, unreadable.Reason);
        }
        catch (UnreadableEventException)
        {
            return Unreadable(stored, QuarantineReason.EventUnreadable);
        }
    }

    private static ExportedRow Unreadable(StoredRow stored, string reason) => new(stored.PersistenceId, stored.Row, default, reason);

    private static byte[] WithoutKeys(ReadOnlySpan<byte> ring)
    {
        JsonObject shown = JsonNode.Parse(ring)!.AsObject();
        foreach (string name in _notShown)
        {
            shown.Remove(name);
        }

        return Encoding.UTF8.GetBytes(shown.ToJsonString());
    }
}
