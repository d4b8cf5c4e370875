using System.Diagnostics;
using System.Text.Json;
using SignerCluster.Actors.Requests;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Host.Http;

/// <summary>Writes sessions as the API shows them.</summary>
internal static class SessionDocuments
{
    /// <summary>Is this how a session that was accepted can end? Then it is the session's outcome and not a refusal of the request.</summary>
    internal static bool EndsSessions(Refusal refusal) => refusal.Code is "insufficient_seats" or "session_aborted";

    internal static SessionResponse ToResponse(SessionView view) => new(
        view.Session.ToString(),
        view.Group.ToString(),
        view.State,
        view.Message[0].ToString(),
        view.OutputKey?[0].ToString(),
        view.Signature?[0].ToString(),
        [.. view.Attempts.Select(ToResponse)],
        [.. view.Culprits.Select(static culprit => new CulpritResponse(
            culprit.Seat.Value, JsonSerializer.SerializeToElement(culprit.Certificate, WireJson.Default.BlameCertificate)))],
        [.. view.Declined.Select(static declined => new DeclinedResponse(declined.Seat.Value, declined.Code))],
        view.Failure is { } failure ? ToResponse(failure) : null,
        view.Inputs is null ? null : [.. view.Message.Select((_, index) => ToResponse(view, index))],
        Proof: view.Proof is { } proof ? ProofResponse.Of(view.Group, proof, view.Signature?[0]) : null,
        Step: view.Step is { } step ? new StepResponse(step.Name, step.Seats, step.Needed, view.Message.Count) : null);

    /// <summary>The session with what became of the request.</summary>
    internal static SessionResponse ToResponse(SessionView session, SigningReport report) => report switch
    {
        SigningReport.Signed signed => ToResponse(session) with
        {
            State = "completed",
            Messages = [.. signed.Messages.Select(ToResponse)],
            Psbt = signed.Psbt?.ToBase64(),
            Transaction = signed.Transaction is { } transaction ? Convert.ToHexStringLower(transaction.ToBytes()) : null,
        },
        SigningReport.Running running => ToResponse(session) with { State = "running", Messages = [.. running.Messages.Select(ToResponse)] },
        SigningReport.Refused refused => ToResponse(session) with { State = "failed", Failure = ToResponse(refused.Refusal) },
        _ => throw new UnreachableException(report.GetType().Name),
    };

    private static AttemptResponse ToResponse(AttemptView attempt) => new(
        attempt.Number, attempt.Id.ToString(), attempt.Reason, attempt.State, Numbers(attempt.Included), Numbers(attempt.Signers), Numbers(attempt.Shares));

    private static MessageResponse ToResponse(SessionView view, int index) => new(
        view.Session.ToString(),
        view.Inputs![index],
        view.Message[index].ToString(),
        view.OutputKey?.For(index).ToString(),
        view.Attempts.Count(static attempt => attempt.Signers.Count > 0),
        view.Signature?[index].ToString());

    private static MessageResponse ToResponse(SignedMessage message) => new(
        message.Session.ToString(),
        message.InputIndex,
        message.Message.ToString(),
        message.OutputKey.ToString(),
        message.Attempts,
        message.Signature?.ToString());

    private static FailureResponse ToResponse(Refusal refusal) =>
        new(refusal.Code, Problem.ClassName(refusal.Class), Advice.Worded(refusal), refusal.Evidence.Count == 0 ? null : refusal.Evidence);

    private static IReadOnlyList<int> Numbers(SeatSet seats) => [.. seats.Select(static seat => seat.Value)];
}
