using SignerCluster.Journal;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Simulator.Checkers;

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
    private readonly Dictionary<EntityId, List<JournalEntry>> _plain = [];

    /// <summary>In the order of their first commit.</summary>
    internal List<SessionRecord> Sessions { get; } = [];

    /// <summary>In the order of their first commit.</summary>
    internal List<JobRecord> Jobs { get; } = [];

    /// <summary>Everything but the key ring, in the order of the first commit.</summary>
    internal List<EntityId> Entities { get; } = [];

    /// <summary>The key epoch that is active in the store.</summary>
    internal int ActiveEpoch { get; set; }

    internal long VersionOf(EntityId id) => _records.TryGetValue(id, out EntityRecord? record) ? record.Version : 0;

    /// <summary>Null when nothing was ever committed for it.</summary>
    internal SeatRecord? Find(SeatAddress seat) => _records.GetValueOrDefault(EntityAddress.Of(seat)) as SeatRecord;

    /// <summary>Null when nothing was ever committed for it.</summary>
    internal SessionRecord? Find(CoordinatorAddress session) => _records.GetValueOrDefault(EntityAddress.Of(session)) as SessionRecord;

    /// <summary>Null when nothing was ever committed for it.</summary>
    internal JobRecord? Find(JobAddress job) => _records.GetValueOrDefault(EntityAddress.Of(job)) as JobRecord;

    /// <summary>Notes what rows say before they are sealed.</summary>
    internal void Note(EntityId id, IReadOnlyList<JournalEntry> plain)
    {
        if (!_plain.TryGetValue(id, out List<JournalEntry>? entries))
        {
            _plain.Add(id, entries = []);
            Entities.Add(id);
        }

        entries.AddRange(plain);
    }

    /// <summary>Do the rows say what was committed, at least up to a number? More may have been committed since they were read.</summary>
    internal bool Says(EntityId id, long atLeast, IReadOnlyList<JournalRow> rows) => rows.Count >= atLeast && rows.Count <= _plain[id].Count
        && _plain[id].Zip(rows, static (entry, row) => entry.Manifest == row.Manifest && entry.Message.Span.SequenceEqual(row.Message.Span))
            .All(static same => same);

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

    internal JobRecord Add(JobAddress job, EntityId id, IReadOnlyList<JobEvent> events)
    {
        if (!_records.TryGetValue(id, out EntityRecord? record))
        {
            _records.Add(id, record = new JobRecord(job));
            Jobs.Add((JobRecord)record);
        }

        foreach (JobEvent @event in events)
        {
            ((JobRecord)record).Add(@event, findings);
        }

        return (JobRecord)record;
    }
}
