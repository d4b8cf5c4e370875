using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// What is durable of one seat's session, noted row by row at the moment of the commit. Written without the product's own fold, so that a fold that
/// forgets something is noticed. Every fact carries the number of the row that made it true: a fact held at version v when its row is at most v.
/// </summary>
internal sealed class SeatRecord(SeatAddress address) : EntityRecord
{
    internal SeatAddress Address => address;

    internal SigningRequest? Request { get; private set; }

    internal Dictionary<AttemptId, (AttemptContext Attempt, Batch<Commitment> Commitment, long Row)> Joined { get; } = [];

    internal Dictionary<AttemptId, (PackageHash Package, Batch<Share> Share, long Row)> Produced { get; } = [];

    /// <summary>Second packages that were seen for attempts that had signed another one.</summary>
    internal Dictionary<AttemptId, SigningPackage> Equivocations { get; } = [];

    /// <summary>The attempt with an outstanding commitment; null when there is none.</summary>
    internal AttemptId? Live { get; private set; }

    internal (AttemptContext Attempt, Batch<Bytes64> Signature)? Aggregated { get; private set; }

    internal AbortReason? Aborted { get; private set; }

    /// <summary>The row that ended the session; 0 while none has.</summary>
    internal long EndedAt { get; private set; }

    /// <summary>The product's own fold of the same rows.</summary>
    internal SessionState State { get; private set; } = SigningSessionDecider.Initial(address);

    internal void Add(SigningSessionEvent @event, Findings findings)
    {
        Version++;
        State = SigningSessionDecider.Decider.Evolve(State, @event);
        switch (@event)
        {
            case SigningSessionEvent.SessionOpened opened:
                findings.Demand(Request is null, "D7", "A session that was opened was opened again.");
                Request = opened.Request;
                break;
            case SigningSessionEvent.AttemptJoined joined:
                findings.Demand(
                    Joined.TryAdd(joined.Attempt.Id, (joined.Attempt, joined.Commitment, Version)), "N9", "A seat drew two nonces for one attempt.");
                Live = joined.Attempt.Id;
                break;
            case SigningSessionEvent.ShareProduced produced:
                findings.Demand(
                    Produced.TryAdd(produced.Attempt.Id, (produced.Package, produced.Share, Version)), "D7", "A seat produced two shares for one attempt.");
                findings.Demand(Live == produced.Attempt.Id, "N1", "A share was produced for an attempt that was not live.");
                Live = null;
                break;
            case SigningSessionEvent.EquivocationSeen seen:
                findings.Demand(Equivocations.TryAdd(seen.Second.Attempt.Id, seen.Second), "A7", "Evidence for one attempt was written twice.");
                findings.Demand(
                    Produced.TryGetValue(seen.Second.Attempt.Id, out var signed) && signed.Package == seen.First && seen.Second.ComputeHash() != seen.First,
                    "A7", "What was written as evidence of equivocation shows none.");
                break;
            case SigningSessionEvent.AttemptAggregated aggregated:
                findings.Demand(EndedAt == 0, "D4", "A seat's session ended twice.");
                (Aggregated, EndedAt) = ((aggregated.Attempt, aggregated.Signature), Version);
                break;
            case SigningSessionEvent.SessionAborted aborted:
                findings.Demand(EndedAt == 0, "D4", "A seat's session ended twice.");
                (Aborted, EndedAt) = (aborted.Reason, Version);
                break;
            default:
                throw new System.Diagnostics.UnreachableException(@event.GetType().Name);
        }
    }
}
