using System.Diagnostics;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>A coordinated session as anyone may see it: nothing in it is secret.</summary>
/// <param name="State"><c>running</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="Inputs">The PSBT's input behind each message; null where there is no PSBT.</param>
/// <param name="OutputKey">Null until the session completed; one key where one stands for all messages.</param>
/// <param name="Failure">Why it failed; null otherwise.</param>
/// <param name="Proof">The text and the address of a message proof; null for other sessions.</param>
/// <param name="Step">What the session waits for; null once it ended.</param>
public sealed record SessionView(
    SessionId Session,
    GroupId Group,
    string State,
    Batch<Bytes32> Message,
    Batch<int>? Inputs,
    Batch<XOnlyPublicKey>? OutputKey,
    Batch<Bytes64>? Signature,
    IReadOnlyList<AttemptView> Attempts,
    IReadOnlyList<CulpritView> Culprits,
    IReadOnlyList<DeclinedView> Declined,
    Refusal? Failure,
    PolicyArtefact.MessageProof? Proof,
    SessionStep? Step)
{
    public static SessionView Of(CoordinatorState.Accepted session)
    {
        CoordinatorState.Completed? completed = session as CoordinatorState.Completed;
        IEnumerable<(SeatId Seat, SeatStanding Standing)> seats = session.Roster.Seats.Select(static (standing, seat) => (new SeatId(seat), standing));
        return new SessionView(
            session.Address.Session,
            session.Address.Group,
            session switch
            {
                CoordinatorState.Running => "running",
                CoordinatorState.Completed => "completed",
                CoordinatorState.Failed => "failed",
                _ => throw new UnreachableException(),
            },
            session.Request.Message,
            (session.Request.Artefact as PolicyArtefact.PsbtInput)?.InputIndex,
            completed?.OutputKey,
            completed?.Signature,
            [.. session.Roster.Proposed.Select(proposed => AttemptView.Of(proposed, session))],
            [.. seats.Where(static seat => seat.Standing is SeatStanding.Convicted)
                .Select(static seat => new CulpritView(seat.Seat, ((SeatStanding.Convicted)seat.Standing).Certificate))],
            [.. seats.Where(static seat => seat.Standing is SeatStanding.Declined)
                .Select(static seat => new DeclinedView(seat.Seat, ((SeatStanding.Declined)seat.Standing).Code))],
            (session as CoordinatorState.Failed)?.Reason,
            session.Request.Artefact as PolicyArtefact.MessageProof,
            session is CoordinatorState.Running ? SessionStep.Of(session.Roster) : null);
    }
}

/// <summary>What a session waits for, of the attempt that has come furthest.</summary>
/// <param name="Name"><c>commitments</c> or <c>shares</c>.</param>
/// <param name="Seats">From how many seats they are there.</param>
/// <param name="Needed">From how many they must be.</param>
public sealed record SessionStep(string Name, int Seats, int Needed)
{
    internal static SessionStep Of(SeatRoster roster) => roster.Live.Any()
        ? new SessionStep("shares", roster.Live.Max(static attempt => attempt.Shares.Count), roster.Threshold)
        : new SessionStep("commitments", roster.Responsive.Count, roster.Threshold);
}

/// <summary>One attempt of the transcript.</summary>
/// <param name="Reason">Why it was proposed (<see cref="AdvanceReason"/> in snake_case).</param>
/// <param name="State"><c>collecting</c> commitments, <c>live</c>, <c>dead</c> (a signer dropped out), <c>aggregated</c>, or <c>unfinished</c> when the session
/// ended without it; <c>superseded</c> when it never got its signers.</param>
/// <param name="Signers">The t seats of its package; empty while it has none.</param>
/// <param name="Shares">The seats whose shares were accepted.</param>
public sealed record AttemptView(int Number, AttemptId Id, string Reason, string State, SeatSet Included, SeatSet Signers, SeatSet Shares)
{
    internal static AttemptView Of(ProposedAttempt proposed, CoordinatorState.Accepted session)
    {
        AttemptContext attempt = proposed.Context;
        IssuedAttempt? issued = session.Roster.Issued.GetValueOrDefault(attempt.Id);
        string state = issued switch
        {
            null when attempt != session.Roster.Collecting => "superseded",
            null => session is CoordinatorState.Running ? "collecting" : "superseded",
            { IsDead: true } => "dead",
            _ when session is CoordinatorState.Completed completed && completed.Attempt == attempt => "aggregated",
            _ => session is CoordinatorState.Running ? "live" : "unfinished",
        };
        return new AttemptView(
            attempt.Number,
            attempt.Id,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(proposed.Reason.ToString()),
            state,
            attempt.Included,
            issued?.Package.Commitments.Seats ?? default,
            issued is null ? default : SeatSet.Of([.. issued.Shares.Keys.Select(static seat => new SeatId(seat))]));
    }
}

/// <summary>A seat proved to have sent a bad share, with the evidence that anyone can verify.</summary>
public sealed record CulpritView(SeatId Seat, BlameCertificate Certificate);

/// <summary>A seat that will not sign the session, without blame.</summary>
public sealed record DeclinedView(SeatId Seat, string Code);
