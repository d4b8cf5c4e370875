using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>K4 and D6: an entity whose damaged history was read answers that it is in quarantine and nothing else; every other history reads back.</summary>
internal sealed class QuarantineChecker(World world) : Checker(world)
{
    internal override void SeatAnswered(SeatExchange exchange) => Check(
        exchange.Node,
        EntityAddress.Of(exchange.Seat),
        exchange.Turn,
        exchange.Answers.All(static answer => answer is SeatAnswer.Failed or SeatAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode }),
        exchange.Answers.Any(static answer => answer is SeatAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode }));

    internal override void SessionAnswered(SessionExchange exchange)
    {
        bool quarantined = exchange.Answer is CoordinatorAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode };
        Check(exchange.Node, EntityAddress.Of(exchange.Session), exchange.Turn, quarantined || exchange.Answer is CoordinatorAnswer.Failed, quarantined);
    }

    internal override void JobAnswered(JobExchange exchange)
    {
        bool quarantined = exchange.Answer is JobAnswer.Refused { Refusal.Code: "job_quarantined" };
        Check(exchange.Node, EntityAddress.Of(exchange.Job), exchange.Turn, quarantined || exchange.Answer is JobAnswer.Failed, quarantined);
    }

    private void Check(Node node, EntityId id, TurnWatch turn, bool saysNothingElse, bool isQuarantined)
    {
        bool wasReadDamaged = turn.HasLoaded && World.Damage.Since(node.Owner, id) < turn.LastLoad;
        Findings.Demand(
            !wasReadDamaged || saysNothingElse || !World.Damage.IsStillThere(node.Owner, id),
            "K4",
            () => $"{Wording.Of(id)} on {node.Name} answers from a damaged history.");
        Findings.Demand(
            !isQuarantined || World.Damage.WasDamaged(node.Owner, id, turn.Began),
            "D6",
            () => $"{Wording.Of(id)} on {node.Name} is in quarantine although nobody damaged it.");
    }
}
