using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>D4, D7, N8 as clients see them, and A4 once faults have stopped: every session that was accepted has its one signature.</summary>
internal sealed class SessionChecker(World world) : Checker(world)
{
    // By the id as people mean it: two spellings of one id are one session.
    private readonly SortedDictionary<string, SigningRequest> _accepted = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Batch<Bytes64>> _signatures = new(StringComparer.OrdinalIgnoreCase);

    internal override void ClientLearned(Order order, CoordinatorAnswer answer)
    {
        switch (answer)
        {
            case CoordinatorAnswer.Granted granted when order.WasGranted:
                CheckAccepted(order);
                Check(order, granted.Reply);
                break;
            case CoordinatorAnswer.Refused { Refusal.Code: "session_not_found" }:
                Findings.Demand(!_accepted.ContainsKey(order.Text), "D7", () => $"{order.Text} was accepted and is not found any more.");
                break;
            case CoordinatorAnswer.Refused { Refusal.Code: "session_conflict" }:
                break;
            case CoordinatorAnswer.Refused
            {
                Refusal.Code: "withdrawal_conflict" or "transaction_already_withdrawn" or "withdrawal_too_large" or "group_frozen",
            }
                when order.Payment is not null:
                World.Coverage.Count($"client refused {((CoordinatorAnswer.Refused)answer).Refusal.Code}");
                break;
            case CoordinatorAnswer.Refused { Refusal.Code: "withdrawal_required" or "withdrawal_conflict" or "group_frozen" }
                when order.Payment is null && World.Guard.IsOn:
                World.Coverage.Count("client refused withdrawal_required");
                break;
            case CoordinatorAnswer.Refused refused:
                Findings.Report("X0", $"{order.Text} was refused with {refused.Refusal.Code}, which no client of this world deserves.");
                break;
            default:
                break;
        }
    }

    internal override void Announced(CoordinatorAddress session, CoordinatorReply outcome)
    {
        SessionRecord? record = World.Coordination.Ledger.Find(session);
        bool durable = outcome switch
        {
            CoordinatorReply.Completed done => record?.Completed is { } completed && completed.Signature == done.Signature,
            CoordinatorReply.Failed => record?.Failed is not null,
            _ => false,
        };
        Findings.Demand(durable, "D4", () => $"The end of {session.Session} was announced before it was durable.");
    }

    internal override void Settled()
    {
        foreach ((string text, SigningRequest request) in _accepted)
        {
            SessionRecord? record = World.Coordination.Ledger.Find(new CoordinatorAddress(World.Group.Id, SessionId.Parse(text)));
            Findings.Demand(record?.Request == request, "D7", () => $"{text} was accepted and is gone.");
            Findings.Demand(record?.EndedAt > 0, "A4", () => $"{text} was accepted and never ended.");
            bool mayFail = World.SessionsMayExpire || World.Clients.WasAborted(text);
            Findings.Demand(mayFail || record?.Completed is not null, "A4", () => $"{text} failed although at most n-t seats are bad: {record?.Failed}");
        }

        CheckQuietSeats();
    }

    /// <summary>A seat may miss the news of an end, but never hold another end than its coordinator.</summary>
    private void CheckQuietSeats()
    {
        foreach (SessionRecord session in World.Coordination.Ledger.Sessions)
        {
            foreach (Operator seat in World.Operators)
            {
                SeatRecord? record = seat.Ledger.Find(session.Address.At(seat.Seat!.Value));
                Findings.Demand(
                    record?.Aggregated is null || session.Completed is not null,
                    "D5",
                    () => $"Seat {seat.Seat} of {session.Address.Session} holds a signature that the coordinator never had.");
            }
        }
    }

    private void CheckAccepted(Order order)
    {
        SigningRequest first = _accepted.TryAdd(order.Text, order.Request) ? order.Request : _accepted[order.Text];
        Findings.Demand(first == order.Request, "N8", () => $"{order.Text} was accepted for two payloads.");
    }

    private void Check(Order order, CoordinatorReply reply)
    {
        if (reply is not CoordinatorReply.Completed done)
        {
            return;
        }

        Findings.Demand(
            done.OutputKey == World.Group.OutputKey(order.Request) && order.Request.IsSignedBy(done.Signature, done.OutputKey),
            "D5",
            () => $"The client of {order.Text} got a signature that does not verify for what it asked.");
        Findings.Demand(
            _signatures.TryAdd(order.Text, done.Signature) || _signatures[order.Text] == done.Signature, "D4", () => $"{order.Text} has two signatures.");
    }
}
