using SignerCluster.Journal;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>All checkers of a world: what one is told, all are told, after the ledger.</summary>
internal sealed class Checks(World world)
{
    private readonly List<Checker> _checkers = [];

    internal void Add(params IEnumerable<Checker> checkers) => _checkers.AddRange(checkers);

    internal void Committed(Operator owner, SeatAddress seat, EntityId id, IReadOnlyList<SigningSessionEvent> events)
    {
        string before = owner.Ledger.Find(seat)?.State.GetType().Name ?? nameof(SessionState.Absent);
        SeatRecord record = owner.Ledger.Add(seat, id, events);
        world.Coverage.Count($"seat {before} to {record.State.GetType().Name}");
        _checkers.ForEach(checker => checker.SeatCommitted(record, events));
    }

    internal void Committed(Operator owner, CoordinatorAddress session, EntityId id, IReadOnlyList<RoastEvent> events)
    {
        SessionRecord record = owner.Ledger.Add(session, id, events);
        _checkers.ForEach(checker => checker.SessionCommitted(record, events));
    }

    internal void Committed(Operator owner, GuardianAddress guardian, IReadOnlyList<GuardianEvent> events) =>
        _checkers.ForEach(checker => checker.GuardianCommitted(owner, guardian, events));

    internal void Committed(Operator owner, JobAddress job, EntityId id, IReadOnlyList<JobEvent> events)
    {
        JobRecord record = owner.Ledger.Add(job, id, events);
        _checkers.ForEach(checker => checker.JobCommitted(record, events));
    }

    internal void Stored(Operator owner, JournalAppend append, IReadOnlyList<JournalEntry> plain)
    {
        if (append.Id.Kind != EntityKind.KeyRing)
        {
            owner.Ledger.Note(append.Id, plain);
        }

        _checkers.ForEach(checker => checker.Stored(owner, append, plain));
    }

    internal void TurnEnded(Node node, EntityId id, TurnWatch turn) => _checkers.ForEach(checker => checker.TurnEnded(node, id, turn));

    internal void AppendAsked(Node node, JournalAppend append) => _checkers.ForEach(checker => checker.AppendAsked(node, append));

    internal void OutcomeUnknown(Node node, JournalAppend append) => _checkers.ForEach(checker => checker.OutcomeUnknown(node, append));

    internal void SeatAsked(SeatAddress seat, IReadOnlyList<SeatRequest> requests) => _checkers.ForEach(checker => checker.SeatAsked(seat, requests));

    internal void SeatAnswered(SeatExchange exchange)
    {
        foreach (SeatAnswer answer in exchange.Answers)
        {
            if (answer is SeatAnswer.Refused refused)
            {
                world.Coverage.Count($"seat refused {refused.Refusal.Code}");
            }
        }

        _checkers.ForEach(checker => checker.SeatAnswered(exchange));
    }

    internal void SessionAnswered(SessionExchange exchange) => _checkers.ForEach(checker => checker.SessionAnswered(exchange));

    internal void JobAnswered(JobExchange exchange) => _checkers.ForEach(checker => checker.JobAnswered(exchange));

    internal void Announced(CoordinatorAddress session, CoordinatorReply outcome) => _checkers.ForEach(checker => checker.Announced(session, outcome));

    internal void ClientLearned(Order order, CoordinatorAnswer answer) => _checkers.ForEach(checker => checker.ClientLearned(order, answer));

    internal void OrchestratorLearned(JobOrder order, JobAnswer answer) => _checkers.ForEach(checker => checker.OrchestratorLearned(order, answer));

    internal void Settled() => _checkers.ForEach(static checker => checker.Settled());
}
