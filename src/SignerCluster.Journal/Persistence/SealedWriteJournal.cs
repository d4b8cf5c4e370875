using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Persistence;

/// <summary>
/// The journal plugin of Akka.Persistence over a party's store: sealed on write and opened on replay, with one outcome for each entity's write (S4). A write
/// sealed under a key that is no longer active is sealed again before the entity hears of it (K1). Events are <see cref="StoredEvent"/>, encoded and decoded by
/// the entities.
/// </summary>
public sealed class SealedWriteJournal : AsyncWriteJournal
{
    private readonly PartyJournal _party;

    // Between the two questions of one recovery, so that the store is asked once.
    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    /// <param name="config">Has the party's name under <c>party</c>.</param>
    public SealedWriteJournal(Config config) => _party = JournalSetup.PartyOf(Context.System, config);

    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        EntityId id = EntityId.Parse(persistenceId);
        if (fromSequenceNr == HeadQuestion.From - 1)
        {
            long last = await _party.Of(id).ReadVersionAsync(id, cancellationToken);
            if (last > 0)
            {
                _party.FoundRows(id);
            }

            return last;
        }

        Reading reading = _party.TakeExpectation(id) ? Reading.Nothing : await ReadAsync(id, fromSequenceNr, cancellationToken);
        if (reading.Last > fromSequenceNr)
        {
            _readings[persistenceId] = reading;
        }

        return reading.Last;
    }

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        if (!_readings.TryRemove(persistenceId, out Reading? reading) || reading.Last < toSequenceNr || reading.After >= fromSequenceNr)
        {
            // Another activation of the entity recovers at the same time and took it, or left an older or a shorter one.
            reading = await ReadAsync(EntityId.Parse(persistenceId), fromSequenceNr - 1, CancellationToken.None);
        }

        if (reading.Fault is { } fault)
        {
            recoveryCallback(new Persistent(new UnrecoveredHistory(fault), fromSequenceNr, persistenceId));
            return;
        }

        foreach (JournalRow row in reading.Rows.Where(row => row.SequenceNumber >= fromSequenceNr && row.SequenceNumber <= toSequenceNr))
        {
            recoveryCallback(new Persistent(new StoredEvent(row.Manifest, row.Message), row.SequenceNumber, persistenceId, row.Manifest));
        }
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        foreach (AtomicWrite write in messages)
        {
            AppendOutcome outcome = await AppendAsync(write);
            if (outcome is not AppendOutcome.Appended)
            {
                // Most often because it was taken for new.
                _party.FoundRows(EntityId.Parse(write.PersistenceId));
                throw new AppendFailedException(outcome);
            }
        }

        // Nothing is rejected: a rejection would leave a gap in the sequence.
        return null!;
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A journal is only ever appended to.");

    private async ValueTask<AppendOutcome> AppendAsync(AtomicWrite write)
    {
        IImmutableList<IPersistentRepresentation> events = (IImmutableList<IPersistentRepresentation>)write.Payload;
        StoredEvent last = (StoredEvent)events[^1].Payload;
        JournalEntry[] entries =
            [.. events.Select(static @event => (StoredEvent)@event.Payload).Select(static stored => new JournalEntry(stored.Manifest, stored.Message))];
        EntityId id = EntityId.Parse(write.PersistenceId);
        try
        {
            return await _party.Of(id).AppendAsync(
                new JournalAppend(id, write.LowestSequenceNr - 1, entries, last.LeavesOpen, Guid.Parse(events[0].WriterGuid), _party.Time.GetUtcNow())
                {
                    ActivatesKeyEpoch = last.ActivatesKeyEpoch,
                });
        }
        catch (JournalException notOpen)
        {
            return new AppendOutcome.NotWritten(notOpen);
        }
    }

    /// <param name="after">The last row that the reader knows, as from a checkpoint.</param>
    private async ValueTask<Reading> ReadAsync(EntityId id, long after, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<JournalRow> rows = await _party.Of(id).ReadAsync(id, after, cancellation);
            long last = rows.Count > 0 ? rows[^1].SequenceNumber : after == 0 ? 0 : await _party.Of(id).ReadVersionAsync(id, cancellation);
            return last >= after ? new Reading(after, last, rows, null) : new Reading(after, after + 1, [], UnreadableHistoryException.Missing(id, last + 1));
        }
        catch (Exception fault) when (fault is JournalException or UnreadableHistoryException)
        {
            return new Reading(after, after + 1, [], fault);
        }
    }

    /// <summary>The rows after one, or why they cannot be had; then <c>Last</c> is one more, so that the entity is told in place of its next event.</summary>
    private sealed record Reading(long After, long Last, IReadOnlyList<JournalRow> Rows, Exception? Fault)
    {
        internal static Reading Nothing { get; } = new(0, 0, [], null);
    }
}
