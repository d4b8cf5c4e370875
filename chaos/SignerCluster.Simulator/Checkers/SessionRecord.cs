using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Reporting;

namespace SignerCluster.Simulator.Checkers;

/// <summary>What is durable of one coordinated session, noted row by row at the moment of the commit, without the product's own fold.</summary>
internal sealed class SessionRecord(CoordinatorAddress address) : EntityRecord
{
    internal CoordinatorAddress Address => address;

    internal SigningRequest? Request { get; private set; }

    internal List<AttemptContext> Proposed { get; } = [];

    /// <summary>Attempts that have their package, by id.</summary>
    internal Dictionary<AttemptId, IssuedPackage> Issued { get; } = [];

    /// <summary>The rows that issued packages, ascending.</summary>
    internal List<long> IssuedAt { get; } = [];

    /// <summary>The attempt whose share a seat owes.</summary>
    internal Dictionary<SeatId, AttemptId> Signing { get; } = [];

    internal (Batch<XOnlyPublicKey> OutputKey, Batch<Bytes64> Signature)? Completed { get; private set; }

    internal Refusal? Failed { get; private set; }

    /// <summary>The row that ended the session; 0 while none has.</summary>
    internal long EndedAt { get; private set; }

    /// <summary>The product's own fold of the same rows.</summary>
    internal CoordinatorState State { get; private set; } = RoastDecider.Initial(address);

    internal IEnumerable<IssuedPackage> Live => Issued.Values.Where(static issued => !issued.IsDead);

    internal void Add(RoastEvent @event, Findings findings)
    {
        Version++;
        State = RoastDecider.Decider.Evolve(State, @event);
        findings.Demand(EndedAt == 0, "D4", () => $"{Wording.Of((IReadOnlyList<RoastEvent>)[@event])} was written after the session had ended.");
        switch (@event)
        {
            case RoastEvent.SigningRequested requested:
                findings.Demand(Request is null, "D7", "A session that was accepted was accepted again.");
                Request = requested.Request;
                break;
            case RoastEvent.AttemptProposed proposed:
                Proposed.Add(proposed.Attempt);
                break;
            case RoastEvent.PackageIssued issued:
                Issue(issued);
                break;
            case RoastEvent.ShareAccepted accepted:
                findings.Demand(Signing.Remove(accepted.Seat, out AttemptId owed) && owed == accepted.Attempt, "A3", "A share was accepted that was not owed.");
                Issued[accepted.Attempt].Shares[accepted.Seat] = accepted.Share;
                break;
            case RoastEvent.SeatConvicted convicted:
                DropOut(convicted.Seat);
                break;
            case RoastEvent.SeatDeclined declined:
                DropOut(declined.Seat);
                break;
            case RoastEvent.SeatWithdrew withdrew:
                DropOut(withdrew.Seat);
                break;
            case RoastEvent.SessionCompleted completed:
                (Completed, EndedAt) = ((completed.OutputKey, completed.Signature), Version);
                break;
            case RoastEvent.SessionFailed failed:
                (Failed, EndedAt) = (failed.Reason, Version);
                break;
            default:
                break;
        }
    }

    private void Issue(RoastEvent.PackageIssued issued)
    {
        IssuedAt.Add(Version);
        Issued.Add(issued.Attempt.Id, new IssuedPackage(new SigningPackage(issued.Attempt, Request!.Message, Request.Tweaks, issued.Commitments)));
        foreach (SeatId seat in issued.Commitments.Seats)
        {
            Signing[seat] = issued.Attempt.Id;
        }
    }

    private void DropOut(SeatId seat)
    {
        if (Signing.Remove(seat, out AttemptId owed))
        {
            Issued[owed].IsDead = true;
        }
    }
}

/// <summary>An attempt with its package, and what became of it.</summary>
internal sealed class IssuedPackage(SigningPackage package)
{
    private Batch<SessionValues>? _values;

    internal SigningPackage Package => package;

    internal SortedDictionary<SeatId, Batch<Share>> Shares { get; } = [];

    internal bool IsDead { get; set; }

    internal Batch<SessionValues> Values(ThresholdInfo group) => _values ??= package.Values(group).Value;
}
