using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// S1, D1, D7, D8: what seats are asked for is durable, what is answered is durable, and no answer is older than the journal was when the request arrived.
/// </summary>
internal sealed class DurabilityChecker(World world) : Checker(world)
{
    internal override void SeatAnswered(SeatExchange exchange)
    {
        foreach ((SeatRequest request, SeatAnswer answer) in exchange.Pairs)
        {
            switch (answer)
            {
                case SeatAnswer.Granted { Reply: SeatReply.Acknowledged }:
                    CheckAcknowledged(exchange, request);
                    break;
                case SeatAnswer.Granted { Reply: SeatReply.Joined joined }:
                    bool live = exchange.Record is { } record && !HasEnded(record, exchange.Arrived) && !WasConsumed(record, joined.Attempt, exchange.Arrived);
                    Findings.Demand(
                        live,
                        "D8",
                        () => $"Seat {exchange.Seat.Seat} answered a commitment of {exchange.Seat.Session} that was spent when the request arrived.");
                    break;
                case SeatAnswer.Refused refused:
                    CheckFresh(exchange, request, refused.Refusal.Code);
                    break;
                default:
                    break;
            }
        }
    }

    internal override void SessionAnswered(SessionExchange exchange)
    {
        SessionRecord? record = exchange.Record;
        string session = exchange.Session.Session.ToString();
        switch (exchange.Answer)
        {
            case CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed done }:
                Findings.Demand(
                    record?.Completed is { } completed && completed.Signature == done.Signature,
                    "D4",
                    () => $"{session} answered a signature that its journal does not have.");
                break;
            case CoordinatorAnswer.Granted { Reply: CoordinatorReply.Failed }:
                Findings.Demand(record?.Failed is not null, "D1", () => $"{session} answered a failure that its journal does not have.");
                break;
            case CoordinatorAnswer.Granted { Reply: CoordinatorReply.Running running }:
                CheckRunning(exchange, running);
                break;
            case CoordinatorAnswer.Refused { Refusal.Code: "session_not_found" }:
                Findings.Demand(exchange.Arrived == 0, "D8", () => $"{session} was not found although it was durable before the question arrived.");
                break;
            case CoordinatorAnswer.Refused { Refusal.Code: "session_conflict" }:
                bool conflicts = record?.Request is { } bound && RequestOf(exchange.Command) is { } asked && bound != asked;
                Findings.Demand(conflicts, "D1", () => $"{session} answered a conflict with a payload that its journal does not have.");
                break;
            default:
                break;
        }
    }

    internal override void SeatAsked(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
        SessionRecord? record = World.Coordination.Ledger.Find(new CoordinatorAddress(seat.Group, seat.Session));
        foreach (SeatRequest request in requests)
        {
            bool durable = request switch
            {
                SeatRequest.Open open => record?.Request == open.Request,
                SeatRequest.Commit commit => record?.Proposed.Contains(commit.Attempt) == true,
                SeatRequest.SignShare { Package: var package } =>
                    record?.Issued.TryGetValue(package.Attempt.Id, out IssuedPackage? issued) == true && issued.Package.ComputeHash() == package.ComputeHash(),
                SeatRequest.Complete complete => record?.Completed is { } done && done.Signature == complete.Signature,
                _ => record?.Failed is not null,
            };
            Findings.Demand(
                durable,
                "S1",
                () => $"Seat {seat.Seat} of {seat.Session} was asked {Wording.Of((IReadOnlyList<SeatRequest>)[request])}, "
                    + "which the coordinator's journal does not have.");
        }
    }

    private void CheckRunning(SessionExchange exchange, CoordinatorReply.Running running)
    {
        SessionRecord? record = exchange.Record;
        Findings.Demand(record?.Request is not null, "D1", () => $"{exchange.Session.Session} was said to run and is not durable.");
        Findings.Demand(
            record is null || record.EndedAt == 0 || record.EndedAt > exchange.Arrived,
            "D8",
            () => $"{exchange.Session.Session} was said to run although it had ended before the question arrived.");
        Findings.Demand(
            record is null || running.Attempts >= record.IssuedAt.Count(row => row <= exchange.Arrived) || exchange.Arrived == 0,
            "D8",
            () => $"{exchange.Session.Session} answered fewer attempts than were durable.");
        if (RequestOf(exchange.Command) is { } asked)
        {
            Findings.Demand(
                record?.Request == asked, "D7", () => $"{exchange.Session.Session} runs for another payload than the one that was acknowledged.");
        }
    }

    private static SigningRequest? RequestOf(CoordinatorCommand command) => command switch
    {
        CoordinatorCommand.Sign sign => sign.Request,
        CoordinatorCommand.Withdraw withdraw => withdraw.Request,
        _ => null,
    };

    private static bool HasEnded(SeatRecord record, long at) => record.EndedAt > 0 && record.EndedAt <= at;

    private static bool WasConsumed(SeatRecord record, AttemptId attempt, long at) =>
        record.Produced.TryGetValue(attempt, out var produced) && produced.Row <= at;

    private void CheckAcknowledged(SeatExchange exchange, SeatRequest request)
    {
        SeatRecord? record = exchange.Record;
        bool durable = request switch
        {
            SeatRequest.Open open => record?.Request == open.Request && !(record.Aborted is not null && record.EndedAt <= exchange.Arrived),
            SeatRequest.Complete complete => record?.Aggregated is { } end && end.Attempt == complete.Attempt && end.Signature == complete.Signature,
            SeatRequest.Abort => record?.Aborted is not null,
            _ => false,
        };
        Findings.Demand(
            durable,
            "D1",
            () => $"Seat {exchange.Seat.Seat} acknowledged {Wording.Of((IReadOnlyList<SeatRequest>)[request])} of {exchange.Seat.Session}, "
                + "which its journal does not have.");
    }

    private void CheckFresh(SeatExchange exchange, SeatRequest request, string code)
    {
        if (exchange.Record is not { } record || exchange.Arrived == 0 || code == UnreadableHistoryException.RefusalCode)
        {
            return;
        }

        bool ended = HasEnded(record, exchange.Arrived);
        bool fresh = (request, code) switch
        {
            (_, "session_not_found") => false,
            (SeatRequest.Open open, "session_conflict") => record.Request != open.Request,
            (SeatRequest.Commit, "attempt_already_aggregated") => record.Aggregated is not null,
            (SeatRequest.Commit, "session_aborted") => record.Aborted is not null,
            (SeatRequest.Commit, _) when ended => false,
            (SeatRequest.Commit commit, "nonce_lost") => !WasConsumed(record, commit.Attempt.Id, exchange.Arrived),
            (SeatRequest.SignShare, "attempt_not_live") when ended => false,
            _ => true,
        };
        Findings.Demand(
            fresh,
            "D8",
            () => $"Seat {exchange.Seat.Seat} answered {code} to {Wording.Of((IReadOnlyList<SeatRequest>)[request])} of {exchange.Seat.Session}, "
                + "which its journal contradicted when the request arrived.");
    }
}
