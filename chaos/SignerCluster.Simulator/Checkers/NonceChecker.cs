using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// N1, N3, N6, N9, A7: a nonce serves one package, its share leaves once its marker is durable, and is the same share for ever; another package for a
/// signed attempt is kept as evidence.
/// </summary>
internal sealed class NonceChecker(World world) : Checker(world)
{
    private readonly Dictionary<Commitment, (SeatAddress Seat, PackageHash Package, int Message, Share Share)> _byCommitment = [];
    private readonly Dictionary<(SeatAddress Seat, AttemptId Attempt), Batch<Share>> _released = [];
    private readonly Dictionary<(SeatAddress Seat, AttemptId Attempt), Batch<Commitment>> _committed = [];

    internal override void SeatAnswered(SeatExchange exchange)
    {
        foreach ((SeatRequest request, SeatAnswer answer) in exchange.Pairs)
        {
            switch (answer)
            {
                case SeatAnswer.Granted { Reply: SeatReply.Joined joined }:
                    CheckJoined(exchange, joined);
                    break;
                case SeatAnswer.Granted { Reply: SeatReply.Signed signed }:
                    CheckSigned(exchange, request, signed);
                    break;
                default:
                    CheckRecorded(exchange, request, answer);
                    break;
            }
        }
    }

    private void CheckJoined(SeatExchange exchange, SeatReply.Joined joined)
    {
        Batch<Commitment> first =
            _committed.TryAdd((exchange.Seat, joined.Attempt), joined.Commitment) ? joined.Commitment : _committed[(exchange.Seat, joined.Attempt)];
        Findings.Demand(
            first == joined.Commitment, "N9", () => $"Seat {exchange.Seat.Seat} answered two commitments for one attempt of {exchange.Seat.Session}.");
        bool durable = exchange.Record?.Joined.TryGetValue(joined.Attempt, out var written) == true && written.Commitment == joined.Commitment;
        Findings.Demand(durable, "D1", () => $"Seat {exchange.Seat.Seat} answered a commitment that its journal does not have.");
    }

    private void CheckSigned(SeatExchange exchange, SeatRequest request, SeatReply.Signed signed)
    {
        if (request is not SeatRequest.SignShare { Package: var package } || package.Attempt.Id != signed.Attempt)
        {
            Findings.Report("N6", "A share was answered to something that did not ask for it.");
            return;
        }

        PackageHash hash = package.ComputeHash();
        bool durable = exchange.Record?.Produced.TryGetValue(signed.Attempt, out var written) == true && written.Share == signed.Share
            && written.Package == hash;
        Findings.Demand(
            durable,
            "N3",
            () =>
                $"The share of seat {exchange.Seat.Seat} for attempt {package.Attempt.Number} of {exchange.Seat.Session} left before its marker was durable.");
        if (!package.Commitments.TryGet(exchange.Seat.Seat, out Batch<Commitment>? own))
        {
            Findings.Report("N5", "A share left for a package without the seat's own commitment.");
            return;
        }

        Findings.Demand(
            Enumerable.Range(0, own.Count).All(message => IsUsedOnce(own[message], (exchange.Seat, hash, message, signed.Share[message]))),
            "N1",
            () => $"One commitment of seat {exchange.Seat.Seat} gave shares for two packages or messages, "
                + $"the second in attempt {package.Attempt.Number} of {exchange.Seat.Session}.");
        Findings.Demand(
            _released.TryAdd((exchange.Seat, signed.Attempt), signed.Share) || _released[(exchange.Seat, signed.Attempt)] == signed.Share,
            "N1", () => $"Seat {exchange.Seat.Seat} released two shares for attempt {package.Attempt.Number} of {exchange.Seat.Session}.");
        bool committed = exchange.Record!.Joined.TryGetValue(signed.Attempt, out var joined) && joined.Commitment == own;
        Findings.Demand(committed, "N5", () => $"Seat {exchange.Seat.Seat} signed a package with a commitment that it never made to that attempt.");
    }

    private bool IsUsedOnce(Commitment own, (SeatAddress, PackageHash, int, Share) use) => _byCommitment.TryAdd(own, use) || _byCommitment[own] == use;

    /// <summary>N6: a marker that was durable when the request arrived is answered with its share, or with a refusal for another package.</summary>
    private void CheckRecorded(SeatExchange exchange, SeatRequest request, SeatAnswer answer)
    {
        if (request is not SeatRequest.SignShare { Package: var package }
            || answer is not SeatAnswer.Refused { Refusal.Code: not UnreadableHistoryException.RefusalCode } refused
            || exchange.Record?.Produced.TryGetValue(package.Attempt.Id, out var produced) != true || produced.Row > exchange.Arrived)
        {
            return;
        }

        bool isEvidence = refused.Refusal.Code == "consumed_nonce_replay" && exchange.Record.Joined[package.Attempt.Id].Attempt == package.Attempt;
        Findings.Demand(
            !isEvidence || exchange.Record.Equivocations.ContainsKey(package.Attempt.Id)
                || exchange.Record.Equivocations.Count >= ConsumedMarkers.EquivocationCapacity,
            "A7",
            () => $"Seat {exchange.Seat.Seat} saw a second package for attempt {package.Attempt.Number} of {exchange.Seat.Session} and kept no evidence.");
        bool same = produced.Package == package.ComputeHash();
        Findings.Demand(
            !same && refused.Refusal.Code == "consumed_nonce_replay",
            refused.Refusal.Code is "attempt_not_live" or "nonce_lost" ? "D8" : "N6",
            () => $"Seat {exchange.Seat.Seat} answered {refused.Refusal.Code} to {(same ? "the" : "another")} package of attempt {package.Attempt.Number} of "
                + $"{exchange.Seat.Session}, whose marker was durable before.");
    }
}
