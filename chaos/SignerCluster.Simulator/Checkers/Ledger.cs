using SignerCluster.Protocol;
using SignerCluster.Runtime;

namespace SignerCluster.Simulator;

/// <summary>What is durable of one entity.</summary>
internal abstract class EntityRecord
{
    /// <summary>Rows committed.</summary>
    internal long Version { get; private protected set; }
}

/// <summary>Everything that is durable in one operator's store, as the checkers see it: noted at the moment of each commit.</summary>
internal sealed class Ledger(Findings findings)
{
    private readonly Dictionary<EntityId, EntityRecord> _records = [];

    /// <summary>In the order of their first commit.</summary>
    internal List<SessionRecord> Sessions { get; } = [];

    internal long VersionOf(EntityId id) => _records.TryGetValue(id, out EntityRecord? record) ? record.Version : 0;

    /// <summary>Null when nothing was ever committed for it.</summary>
    internal SeatRecord? Find(SeatAddress seat) => _records.GetValueOrDefault(EntityAddress.Of(seat)) as SeatRecord;

    /// <summary>Null when nothing was ever committed for it.</summary>
    internal SessionRecord? Find(CoordinatorAddress session) => _records.GetValueOrDefault(EntityAddress.Of(session)) as SessionRecord;

    internal SeatRecord Add(SeatAddress seat, EntityId id, IReadOnlyList<SigningSessionEvent> events)
    {
        if (!_records.TryGetValue(id, out EntityRecord? record))
        {
            _records.Add(id, record = new SeatRecord(seat));
        }

        foreach (SigningSessionEvent @event in events)
        {
            ((SeatRecord)record).Add(@event, findings);
        }

        return (SeatRecord)record;
    }

    internal SessionRecord Add(CoordinatorAddress session, EntityId id, IReadOnlyList<RoastEvent> events)
    {
        if (!_records.TryGetValue(id, out EntityRecord? record))
        {
            _records.Add(id, record = new SessionRecord(session));
            Sessions.Add((SessionRecord)record);
        }

        foreach (RoastEvent @event in events)
        {
            ((SessionRecord)record).Add(@event, findings);
        }

        return (SessionRecord)record;
    }
}
