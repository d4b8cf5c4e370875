using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Persistence;

/// <summary>
/// The snapshot plugin of Akka.Persistence for guardians. Checkpoints are rows of an entity of their own in the party's journal: sealed, re-sealed, audited and
/// exported as every row, and only ever appended. One that cannot be used is passed over, because the guardian's own history is the truth (S2).
/// </summary>
public sealed class SealedCheckpoints : SnapshotStore
{
    private readonly PartyJournal _party;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <param name="config">Has the party's name under <c>party</c>.</param>
    public SealedCheckpoints(Config config) => _party = JournalSetup.PartyOf(Context.System, config);

    protected override async Task<SelectedSnapshot> LoadAsync(
        string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        EntityId guardian = EntityId.Parse(persistenceId);
        try
        {
            EntityId id = EntityAddress.CheckpointsOf(EntityAddress.ToGuardian(guardian));
            IReadOnlyList<JournalRow> rows = await _party.Of(id).ReadAsync(id, 0, cancellationToken);
            if (rows.Count == 0)
            {
                return null!;
            }

            GuardianCheckpoint[] pieces = [.. rows.Select(static row => GuardianCodec.Checkpoints.Decode(row.Manifest, row.Message.Span))];
            GuardianState state = GuardianCheckpoint.Restore(pieces);
            return new SelectedSnapshot(
                new SnapshotMetadata(persistenceId, pieces[^1].Row, rows[^1].Created.UtcDateTime),
                new CheckpointedGuardian(state, CheckpointMark.At(state, pieces.Length)));
        }
        catch (Exception unusable) when (unusable is JournalException or UnreadableHistoryException or UnreadableEventException or ArgumentException)
        {
            _log.Warning("The checkpoints of {Guardian} are passed over, and its whole history is read: {Why}", guardian, unusable.Message);
            return null!;
        }
    }

    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        (GuardianState state, CheckpointMark since) = (CheckpointedGuardian)snapshot;
        EntityId id = EntityAddress.CheckpointsOf(EntityAddress.ToGuardian(EntityId.Parse(metadata.PersistenceId)));
        // Asked before the work: after checkpoints that could not be used, all of the chain would be made ready for nothing.
        if (await _party.Of(id).ReadVersionAsync(id, cancellationToken) is var there && there != since.Pieces)
        {
            throw new AppendFailedException(new AppendOutcome.Conflict(there));
        }

        JournalEntry[] entries = [.. GuardianCheckpoint.Take(state, metadata.SequenceNr, since).Select(static piece =>
        {
            (string storedName, byte[] bytes) = GuardianCodec.Checkpoints.Encode(piece);
            return new JournalEntry(storedName, bytes);
        })];
        AppendOutcome outcome = await _party.Of(id).AppendAsync(
            new JournalAppend(id, since.Pieces, entries, OpenAfter: false, Guid.NewGuid(), _party.Time.GetUtcNow()));
        if (outcome is not AppendOutcome.Appended)
        {
            throw new AppendFailedException(outcome);
        }
    }

    /// <summary>Called when keeping failed. There is nothing to take back: the append wrote nothing, or a checkpoint like every other.</summary>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A journal is only ever appended to.");
}
