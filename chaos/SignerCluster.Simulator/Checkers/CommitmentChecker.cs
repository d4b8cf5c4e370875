using SignerCluster.Frost.Round1;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// N4 and D3: nothing is consumed before everything is verified. Keeps for every living node which commitments it said it holds, and forgets them
/// for every reason a nonce may go; a node that still holds one may not answer that it is lost.
/// </summary>
internal sealed class CommitmentChecker(World world) : Checker(world)
{
    private readonly Dictionary<(Incarnation Life, SeatAddress Seat), Held> _held = [];

    internal override void AppendAsked(Node node, JournalAppend append)
    {
        // Whatever this append is, the nonce may be wiped, replaced or used for it.
        if (append.Id.Kind == EntityKind.SigningSession)
        {
            _held.Remove((node.Life, EntityAddress.ToSeat(append.Id)));
        }
    }

    internal override void SeatAnswered(SeatExchange exchange)
    {
        foreach ((SeatRequest request, SeatAnswer answer) in exchange.Pairs)
        {
            if (answer is SeatAnswer.Granted { Reply: SeatReply.Joined joined })
            {
                _held.TryAdd((exchange.Incarnation, exchange.Seat), new Held(joined.Attempt, joined.Commitment, World.Now));
            }
            else if (request is SeatRequest.SignShare { Package: var package } && answer is SeatAnswer.Refused refused)
            {
                CheckRefusal(exchange, package, refused.Refusal.Code);
            }
        }
    }

    private void CheckRefusal(SeatExchange exchange, SigningPackage package, string code)
    {
        if (!_held.TryGetValue((exchange.Incarnation, exchange.Seat), out Held? held) || held.Attempt != package.Attempt.Id
            || held.Since + World.NonceLife <= World.Now
            || exchange.Record is not { EndedAt: 0 } record || record.Live != held.Attempt)
        {
            return;
        }

        bool own = package.Commitments.TryGet(exchange.Seat.Seat, out Batch<Commitment>? commitment) && commitment == held.Commitment;
        Findings.Demand(
            !own || code != "nonce_lost",
            "N4",
            () => $"Seat {exchange.Seat.Seat} lost the nonce of attempt {package.Attempt.Number} of {exchange.Seat.Session} although nothing had used it.");
        Findings.Demand(
            code is not ("attempt_not_live" or "session_not_found"),
            "D3",
            () => $"Seat {exchange.Seat.Seat} answered {code} for attempt {package.Attempt.Number} of {exchange.Seat.Session}, which was live.");
    }

    private sealed record Held(AttemptId Attempt, Batch<Commitment> Commitment, DateTimeOffset Since);
}
