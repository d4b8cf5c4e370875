using SignerCluster.Journal;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// Watches a world and reports what must never happen. Told of every commit, of every answer at the moment it leaves its entity, and of what clients
/// learn; the ledger is up to date whenever it is told something.
/// </summary>
internal abstract class Checker(World world)
{
    protected World World => world;

    protected Findings Findings => world.Findings;

    /// <summary>Rows of a seat's session became durable.</summary>
    internal virtual void SeatCommitted(SeatRecord record, IReadOnlyList<SigningSessionEvent> events)
    {
    }

    /// <summary>Rows of a coordinated session became durable.</summary>
    internal virtual void SessionCommitted(SessionRecord record, IReadOnlyList<RoastEvent> events)
    {
    }

    /// <summary>Rows of a guardian became durable.</summary>
    internal virtual void GuardianCommitted(Operator owner, GuardianAddress guardian, IReadOnlyList<GuardianEvent> events)
    {
    }

    /// <summary>Rows of a covenant job became durable.</summary>
    internal virtual void JobCommitted(JobRecord record, IReadOnlyList<JobEvent> events)
    {
    }

    /// <summary>The store committed an append.</summary>
    /// <param name="append">As it is stored.</param>
    /// <param name="plain">What it says.</param>
    internal virtual void Stored(Operator owner, JournalAppend append, IReadOnlyList<JournalEntry> plain)
    {
    }

    /// <summary>An entity has handled a message.</summary>
    internal virtual void TurnEnded(Node node, EntityId id, TurnWatch turn)
    {
    }

    /// <summary>A seat's answers leave it.</summary>
    internal virtual void SeatAnswered(SeatExchange exchange)
    {
    }

    /// <summary>A coordinated session's answer leaves it.</summary>
    internal virtual void SessionAnswered(SessionExchange exchange)
    {
    }

    /// <summary>A covenant job's answer leaves it.</summary>
    internal virtual void JobAnswered(JobExchange exchange)
    {
    }

    /// <summary>An append is asked for: what it was decided on is spent, whatever becomes of it.</summary>
    internal virtual void AppendAsked(Node node, JournalAppend append)
    {
    }

    /// <summary>The node will not learn what became of this append.</summary>
    internal virtual void OutcomeUnknown(Node node, JournalAppend append)
    {
    }

    /// <summary>A coordinated session asks one of its seats, as an effect of what it decided.</summary>
    internal virtual void SeatAsked(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
    }

    /// <summary>A coordinator wakes those who wait for a session.</summary>
    internal virtual void Announced(CoordinatorAddress session, CoordinatorReply outcome)
    {
    }

    /// <summary>An answer reached the client that asked.</summary>
    internal virtual void ClientLearned(Order order, CoordinatorAnswer answer)
    {
    }

    /// <summary>An answer reached the orchestrator that asked.</summary>
    internal virtual void OrchestratorLearned(JobOrder order, JobAnswer answer)
    {
    }

    /// <summary>Faults have stopped long ago and nothing is left to do.</summary>
    internal virtual void Settled()
    {
    }
}

/// <summary>Requests that one activation of a seat's session handled, and its answers.</summary>
/// <param name="Arrived">The last durable row when the handling began.</param>
/// <param name="Record">Null while nothing is durable.</param>
internal sealed record SeatExchange(
    Node Node,
    Incarnation Incarnation,
    SeatAddress Seat,
    long Arrived,
    IReadOnlyList<SeatRequest> Requests,
    IReadOnlyList<SeatAnswer> Answers,
    SeatRecord? Record,
    TurnWatch Turn)
{
    internal IEnumerable<(SeatRequest Request, SeatAnswer Answer)> Pairs => Requests.Zip(Answers);
}

/// <summary>A command that one activation of a coordinated session handled, and its answer.</summary>
internal sealed record SessionExchange(
    Node Node, CoordinatorAddress Session, long Arrived, CoordinatorCommand Command, CoordinatorAnswer Answer, SessionRecord? Record, TurnWatch Turn);

/// <summary>A command that one activation of a covenant job handled, and its answer.</summary>
internal sealed record JobExchange(
    Node Node, JobAddress Job, long Arrived, JobCommand Command, JobAnswer Answer, JobRecord? Record, TurnWatch Turn)
{
    /// <summary>Of the request that was asked about.</summary>
    internal Bytes32 Digest => Command is JobCommand.Submit submit ? submit.Request.DigestFor(Job) : ((JobCommand.Poll)Command).Digest;
}
