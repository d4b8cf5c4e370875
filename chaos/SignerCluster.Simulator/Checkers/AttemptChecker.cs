using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>A2, A3, A5, A6, A8, D5: what stands in journals about attempts, culprits and signatures is true.</summary>
internal sealed class AttemptChecker(World world) : Checker(world)
{
    private readonly Dictionary<SigningRequest, Batch<XOnlyPublicKey>> _outputKeys = [];

    internal override void SeatCommitted(SeatRecord record, IReadOnlyList<SigningSessionEvent> events)
    {
        foreach (SigningSessionEvent @event in events)
        {
            switch (@event)
            {
                case SigningSessionEvent.AttemptJoined joined:
                    CheckId(record.Address.Session, record.Request!, joined.Attempt);
                    Findings.Demand(joined.Attempt.Included.Contains(record.Address.Seat), "A1", "A seat joined an attempt that does not include it.");
                    break;
                case SigningSessionEvent.AttemptAggregated aggregated:
                    CheckSignature(record.Address.Session, record.Request!, aggregated.Signature);
                    break;
                case SigningSessionEvent.ShareProduced:
                    Findings.Demand(((SessionState.Accepted)record.State).Consumed.Count == record.Produced.Count, "A8", "A consumed marker was forgotten.");
                    break;
                default:
                    break;
            }
        }
    }

    internal override void SessionCommitted(SessionRecord record, IReadOnlyList<RoastEvent> events)
    {
        foreach (RoastEvent @event in events)
        {
            switch (@event)
            {
                case RoastEvent.AttemptProposed proposed:
                    CheckId(record.Address.Session, record.Request!, proposed.Attempt);
                    break;
                case RoastEvent.ShareAccepted accepted:
                    CheckShare(record, accepted);
                    break;
                case RoastEvent.SeatConvicted convicted:
                    CheckConviction(record, convicted);
                    break;
                case RoastEvent.SessionCompleted completed:
                    CheckCompletion(record, completed);
                    break;
                default:
                    break;
            }
        }

        int live = record.Live.Count();
        int most = World.Group.Public.Participants - World.Group.Public.Threshold + 1;
        Findings.Demand(live <= most, "A3", () => $"{record.Address.Session} has {live} live attempts; {most} are allowed.");
        IEnumerable<SeatId> busy = record.Live.SelectMany(static issued => issued.Package.Commitments.Seats.Where(seat => !issued.Shares.ContainsKey(seat)));
        Findings.Demand(
            busy.GroupBy(static seat => seat).All(static attempts => attempts.Count() == 1),
            "A3",
            () => $"A seat is in two live attempts of {record.Address.Session}.");
    }

    private void CheckId(SessionId session, SigningRequest request, AttemptContext attempt)
    {
        Findings.Demand(attempt.IsCanonical(session, request), "A2", () => $"The id of attempt {attempt.Number} of {session} does not follow from its fields.");
        Findings.Demand(
            attempt.Included.Count >= World.Group.Public.Threshold && attempt.Included.IsSubsetOf(World.Group.Public.Seats),
            "A1",
            () => $"Attempt {attempt.Number} of {session} includes the wrong seats.");
    }

    private void CheckShare(SessionRecord record, RoastEvent.ShareAccepted accepted)
    {
        IssuedPackage issued = record.Issued[accepted.Attempt];
        Batch<SessionValues> values = issued.Values(World.Group.Public);
        bool verifies = issued.Package.Commitments.TryGet(accepted.Seat, out Batch<Commitment>? commitment) && accepted.Share.Count == values.Count
            && Enumerable.Range(0, values.Count).All(message =>
                ShareVerification.Verify(values[message], accepted.Seat, commitment[message], accepted.Share[message]));
        Findings.Demand(verifies, "A3", () => $"{record.Address.Session} re-admitted seat {accepted.Seat} for a share that does not verify.");
    }

    private void CheckConviction(SessionRecord record, RoastEvent.SeatConvicted convicted)
    {
        Findings.Demand(World.Liars.Contains(convicted.Seat), "A5", () => $"{record.Address.Session} convicted seat {convicted.Seat}, which is honest.");
        bool proves = convicted.Certificate.Seat == convicted.Seat && convicted.Certificate.Session == record.Address.Session
            && convicted.Certificate.Proves(World.Group.Public);
        Findings.Demand(proves, "A6", () => $"The certificate against seat {convicted.Seat} in {record.Address.Session} proves nothing.");
    }

    private void CheckCompletion(SessionRecord record, RoastEvent.SessionCompleted completed)
    {
        CheckSignature(record.Address.Session, record.Request!, completed.Signature);
        Findings.Demand(completed.OutputKey == OutputKey(record.Request!), "D5", () => $"{record.Address.Session} completed under another output key.");
        Findings.Demand(
            record.Issued[completed.Attempt].Shares.Count == World.Group.Public.Threshold, "D5", () => $"{record.Address.Session} completed without t shares.");
    }

    private void CheckSignature(SessionId session, SigningRequest request, Batch<Bytes64> signature) => Findings.Demand(
        request.IsSignedBy(signature, OutputKey(request)),
        "D5",
        () => $"The signature recorded for {session} does not verify under its own message and tweaks.");

    private Batch<XOnlyPublicKey> OutputKey(SigningRequest request)
    {
        if (!_outputKeys.TryGetValue(request, out Batch<XOnlyPublicKey>? key))
        {
            key = World.Group.OutputKey(request);
            _outputKeys.Add(request, key);
        }

        return key;
    }
}
