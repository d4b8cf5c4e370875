using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.Guardians;

/// <summary>Reads a piece of a chain from the journal and tells it; tells none where the journal does not answer or a row cannot be read.</summary>
internal sealed class RecordReading : UntypedActor
{
    private readonly List<GuardianRecord> _records = [];
    private readonly long _from;
    private readonly int _limit;
    private readonly Action<IReadOnlyList<GuardianRecord>> _tell;

    private RecordReading(IActorRef journal, string persistenceId, long from, long toRow, int limit, Action<IReadOnlyList<GuardianRecord>> tell)
    {
        (_from, _limit, _tell) = (from, limit, tell);
        // Every record is one row, and there may be rows without one: the record is in no row before this.
        journal.Tell(new ReplayMessages(from + 1, toRow, long.MaxValue, persistenceId, Self));
    }

    internal static Props Props(IActorRef journal, string persistenceId, long from, long toRow, int limit, Action<IReadOnlyList<GuardianRecord>> tell) =>
        Akka.Actor.Props.CreateBy(new Produced<RecordReading>(() => new RecordReading(journal, persistenceId, from, toRow, limit, tell)));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReplayedMessage { Persistent.Payload: StoredEvent stored }:
                Add(stored);
                break;
            case ReplayedMessage:
                // The journal tells in place of the first row that it cannot read the history.
                _records.Clear();
                break;
            case RecoverySuccess or ReplayMessagesFailure:
                _tell(message is RecoverySuccess ? [.. _records.Take(_limit)] : []);
                Context.Stop(Self);
                break;
        }
    }

    private void Add(StoredEvent stored)
    {
        if (GuardianCodec.Events.Decode(stored.Manifest, stored.Message.Span) is GuardianEvent.Recorded { Record: var record } && record.Position >= _from)
        {
            _records.Add(record);
        }
    }
}
