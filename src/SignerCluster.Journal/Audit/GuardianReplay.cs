using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Audit;

/// <summary>
/// One guardian while its rows come by: every record is decided again at the time at which it was written, and every checkpoint that was made on the way must
/// be what the rows up to its own give, byte for byte.
/// </summary>
/// <param name="checkpoints">Where the pieces of checkpoints are kept.</param>
/// <param name="pieces">As they were stored, in their order.</param>
internal sealed class GuardianReplay(
    EntityId id, GuardianAddress address, EntityId checkpoints, IReadOnlyList<GuardianCheckpoint> pieces, Action<AuditFinding> report)
{
    private readonly ILookup<long, GuardianCheckpoint> _byRow = pieces.ToLookup(static piece => piece.Row);
    private CheckpointMark _mark;

    internal GuardianState State { get; private set; } = GuardianDecider.Initial(address.Group);

    /// <summary>The number of the last row that was taken.</summary>
    internal long Version { get; private set; }

    internal GuardianAddress Address => address;

    /// <summary>Why the history cannot be trusted from the row after <see cref="Version"/> on; null while nothing speaks against it.</summary>
    internal UnreadableHistoryException? Fault { get; private set; }

    /// <summary>Takes the next row. Rows after one that is wrong change nothing.</summary>
    internal void Take(OpenedRow opened)
    {
        Fault ??= opened.Fault;
        Take(opened.Stored.Row with { Message = opened.Plain });
    }

    /// <inheritdoc cref="Take(OpenedRow)"/>
    internal void Take(in JournalRow row)
    {
        if (Fault is not null)
        {
            return;
        }

        try
        {
            State = row.SequenceNumber == Version + 1
                ? GuardianCodec.Events.Replay(id, row.SequenceNumber, row.Manifest, row.Message.Span, State, Follow)
                : throw UnreadableHistoryException.Missing(id, Version + 1);
            Version = row.SequenceNumber;
            CheckPieces();
        }
        catch (UnreadableHistoryException unreadable)
        {
            Fault = unreadable;
        }
    }

    /// <summary>Every piece must have been met. After the last row.</summary>
    internal void CheckEnd()
    {
        if (Fault is null && _mark.Pieces != pieces.Count)
        {
            ReportPiece("It is not at its place among the rows of its guardian.");
        }
    }

    private GuardianState Follow(GuardianState before, GuardianEvent @event)
    {
        if (@event is GuardianEvent.Recorded recorded && GuardianDecider.Judge(before, recorded) is { } wrong)
        {
            string message = $"Record {recorded.Record.Position} does not follow from those before it: {wrong}";
            report(new AuditFinding(id.ToString(), Version + 1, AuditReason.RecordInvalid, message));
        }

        return GuardianDecider.Decider.Evolve(before, @event);
    }

    private void CheckPieces()
    {
        if (!_byRow.Contains(Version))
        {
            return;
        }

        if (!_byRow[Version].SequenceEqual(GuardianCheckpoint.Take(State, Version, _mark)))
        {
            ReportPiece($"It is not what the {Version} rows of its guardian give.");
        }

        _mark = CheckpointMark.At(State, _mark.Pieces + _byRow[Version].Count());
    }

    private void ReportPiece(string message) =>
        report(new AuditFinding(checkpoints.ToString(), _mark.Pieces + 1, AuditReason.CheckpointInvalid, message));
}
