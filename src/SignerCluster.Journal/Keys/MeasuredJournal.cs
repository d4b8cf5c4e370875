using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// The journal as entities are given it: the one place that all of a process's appends and histories pass, whichever engine runs the entities.
/// </summary>
internal sealed class MeasuredJournal(IJournal inner, TimeProvider time) : IJournal
{
    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        long begun = time.GetTimestamp();
        AppendOutcome outcome = await inner.AppendAsync(append);
        JournalMeter.Appended(append, outcome, time.GetElapsedTime(begun));
        return outcome;
    }

    public async ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        string outcome = JournalMeter.Failed;
        try
        {
            IReadOnlyList<JournalRow> rows = await inner.ReadAsync(id, afterSequenceNumber, cancellation);
            outcome = JournalMeter.Succeeded;
            return rows;
        }
        catch (UnreadableHistoryException)
        {
            outcome = JournalMeter.Unreadable;
            throw;
        }
        finally
        {
            JournalMeter.Read(outcome, time.GetElapsedTime(begun));
        }
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => inner.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => inner.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);
}
