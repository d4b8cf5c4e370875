using System.Text;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Simulator.Faults;

namespace SignerCluster.Simulator.Reporting;

/// <summary>Short words for messages, rows and answers, as they stand in a trace.</summary>
internal static class Wording
{
    internal static string SnakeCase(string name)
    {
        StringBuilder text = new();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    internal static string Of(object? thing) => thing switch
    {
        null => string.Empty,
        SeatAddress seat => $"seat {seat.Seat} of {seat.Session}",
        CoordinatorAddress session => session.Session.ToString(),
        EntityId id => string.Join('/', id.Parts.Where(static (_, index) => index != 1)),
        IReadOnlyList<SeatRequest> requests => Listed(requests.Select(Of)),
        IReadOnlyList<SeatAnswer> answers => Listed(answers.Select(Of)),
        SeatRequest request => Of(request),
        SeatAnswer answer => Of(answer),
        CoordinatorCommand command => Of(command),
        CoordinatorAnswer answer => Of(answer),
        SeatReply reply => Of(reply),
        IReadOnlyList<SigningSessionEvent> events => Listed(events.Select(Of)),
        IReadOnlyList<RoastEvent> events => Listed(events.Select(Of)),
        IReadOnlyList<JobEvent> events => Listed(events.Select(Of)),
        JobCommand command => command.GetType().Name,
        JobAnswer answer => Of(answer),
        FaultKind fault => FaultNames.Of(fault),
        Exception fault => $"{fault.GetType().Name}: {fault.Message}",
        _ => thing.ToString() ?? string.Empty,
    };

    internal static string Short(object? id) => id?.ToString() is { Length: > 8 } text ? text[..8] : $"{id}";

    private static string Of(SeatRequest request) => request switch
    {
        SeatRequest.Open open => $"Open(message {Short(open.Request.Message)}, tweaks {open.Request.Tweaks.Count})",
        SeatRequest.Commit commit => $"Commit({Of(commit.Attempt)})",
        SeatRequest.SignShare sign => $"SignShare({Of(sign.Package.Attempt)}, package {Short(sign.Package.ComputeHash())} of {sign.Package.Commitments.Seats})",
        SeatRequest.Complete complete => $"Complete({Of(complete.Attempt)}, signature {Short(complete.Signature)})",
        SeatRequest.Abort abort => $"Abort({abort.Reason})",
        _ => request.GetType().Name,
    };

    private static string Of(AttemptContext attempt) => $"attempt {attempt.Number}:{Short(attempt.Id)}";

    private static string Of(SeatAnswer answer) => answer switch
    {
        SeatAnswer.Granted granted => Of(granted.Reply),
        SeatAnswer.Refused refused => $"refused {refused.Refusal.Code}",
        SeatAnswer.Failed failed => $"failed {failed.Code}",
        _ => answer.GetType().Name,
    };

    private static string Of(SeatReply reply) => reply switch
    {
        SeatReply.Joined joined => $"Joined({Short(joined.Attempt)}, commitment {Short(joined.Commitment)})",
        SeatReply.Signed signed => $"Signed({Short(signed.Attempt)}, share {Short(signed.Share)})",
        _ => reply.GetType().Name,
    };

    private static string Of(CoordinatorCommand command) => command switch
    {
        CoordinatorCommand.Sign sign => $"Sign(message {Short(sign.Request.Message)}, tweaks {sign.Request.Tweaks.Count})",
        CoordinatorCommand.SeatAnswered answered => $"SeatAnswered(seat {answered.Seat}: {Of((object)answered.Answers)})",
        _ => command.GetType().Name,
    };

    private static string Of(CoordinatorAnswer answer) => answer switch
    {
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Running running } => $"Running({running.Attempts} attempts)",
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed done } => $"Completed(signature {Short(done.Signature)})",
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Failed failed } => $"Failed({failed.Reason.Code})",
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Noted } => "Noted",
        CoordinatorAnswer.Refused refused => $"refused {refused.Refusal.Code}",
        CoordinatorAnswer.Failed failed => $"failed {failed.Code}",
        _ => answer.GetType().Name,
    };

    private static string Of(JobAnswer answer) => answer switch
    {
        JobAnswer.Granted { Reply: JobReply.Ready ready } => $"Ready(signature {Short(ready.Signature)})",
        JobAnswer.Granted granted => granted.Reply.GetType().Name,
        JobAnswer.Refused refused => $"refused {refused.Refusal.Code}",
        JobAnswer.Failed failed => $"failed {failed.Code}",
        _ => answer.GetType().Name,
    };

    private static string Of(JobEvent @event) => @event switch
    {
        JobEvent.Accepted accepted => $"Accepted(digest {Short(accepted.Digest)})",
        JobEvent.Failed failed => $"Failed({failed.Reason.Code})",
        _ => @event.GetType().Name,
    };

    private static string Of(SigningSessionEvent @event) => @event switch
    {
        SigningSessionEvent.AttemptJoined joined => $"AttemptJoined({Of(joined.Attempt)}, commitment {Short(joined.Commitment)})",
        SigningSessionEvent.ShareProduced produced =>
            $"ShareProduced({Of(produced.Attempt)}, package {Short(produced.Package)}, share {Short(produced.Share)})",
        SigningSessionEvent.EquivocationSeen seen => $"EquivocationSeen({Of(seen.Second.Attempt)}, package {Short(seen.Second.ComputeHash())})",
        SigningSessionEvent.AttemptAggregated aggregated => $"AttemptAggregated({Of(aggregated.Attempt)})",
        _ => @event.GetType().Name,
    };

    private static string Of(RoastEvent @event) => @event switch
    {
        RoastEvent.AttemptProposed proposed => $"AttemptProposed({Of(proposed.Attempt)}, {proposed.Reason})",
        RoastEvent.CommitmentReceived received => $"CommitmentReceived({Short(received.Attempt)}, seat {received.Seat})",
        RoastEvent.PackageIssued issued => $"PackageIssued({Of(issued.Attempt)}, seats {issued.Commitments.Seats})",
        RoastEvent.ShareAccepted accepted => $"ShareAccepted({Short(accepted.Attempt)}, seat {accepted.Seat})",
        RoastEvent.SeatConvicted convicted => $"SeatConvicted({convicted.Seat})",
        RoastEvent.SeatWithdrew withdrew => $"SeatWithdrew({Short(withdrew.Attempt)}, seat {withdrew.Seat}, {withdrew.Code})",
        RoastEvent.SeatDeclined declined => $"SeatDeclined({declined.Seat}, {declined.Code})",
        _ => @event.GetType().Name,
    };

    private static string Listed(IEnumerable<string> words) => string.Join(" + ", words);
}
