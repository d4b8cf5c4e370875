using System.Text.Json.Nodes;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Http;

/// <summary>Asks for withdrawals, and shows them.</summary>
/// <param name="session">Signs results.</param>
internal sealed class WithdrawalEndpoints(
    ServedGuardians coordinator, SessionKey session, SessionEndpoints sessions, GroupEndpoints groups, RequestBodies bodies, TimeProvider time)
{
    internal const int DefaultPage = 100;

    public async Task<IResult> OpenAsync(string group, HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, ["wait"], out Problem? problem)
            || !Query.TryReadNumber(context.Request.Query, "wait", 0, HttpLimits.MaximumWaitSeconds, 0, out int seconds, out problem)
            || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        (MemoryStream? content, problem) = await bodies.ReadAsync(context);
        return content is not null
            && GuardianEndpoints.TryParse(content, HttpJson.Default.WithdrawalRequest, out WithdrawalRequest? request, out problem)
            && SessionBody.TryMakeWithdrawal(request, out SessionBody? body, out problem)
                ? await OpenAsync(found.Id, body, TimeSpan.FromSeconds(seconds), context)
                : problem!;
    }

    public async Task<IResult> ShowAsync(string group, string id, HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, [], out Problem? problem) || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        if (!SessionId.TryParse(id, out SessionId withdrawal) || withdrawal.ToString() != id)
        {
            return Problem.Malformed("withdrawal_id_invalid", "This is no withdrawal id.");
        }

        return await AnswerAsync(new CoordinatorAddress(found.Id, withdrawal), posted: null, StatusCodes.Status200OK, context.RequestAborted);
    }

    public async Task<IResult> ListAsync(string group, HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        ulong? from = 0;
        if (!Query.TryCheck(query, ["limit", "from"], out Problem? problem)
            || !Query.TryReadNumber(query, "limit", 1, GuardianDecider.MaximumPage, DefaultPage, out int limit, out problem)
            || (query.ContainsKey("from") && !Query.TryReadAmount(query, "from", out from, out problem))
            || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        FromGuardian answer = await coordinator.Desk.AskAsync(
            new GuardianAddress(found.Id), new GuardianCommand.List(from ?? 0, limit), context.RequestAborted);
        return answer.Answer is GuardianAnswer.Granted { Reply: GuardianReply.Listed listed }
            ? TypedResults.Json(
                new WithdrawalListResponse(
                    [.. listed.Withdrawals.Select(static one => WithdrawalResponse.Of(one))],
                    listed.Withdrawals.Count == limit ? listed.Withdrawals[^1].Sequence + 1 : null),
                HttpJson.Default.WithdrawalListResponse)
            : GuardianEndpoints.ToProblem(answer.Answer, GuardianRefusals.NoGuardian);
    }

    /// <summary>The session's answer, with the record that it rests on.</summary>
    private async Task<IResult> OpenAsync(GroupId group, SessionBody body, TimeSpan wait, HttpContext context)
    {
        IResult answer = await sessions.SignAsync(group, body, wait, context);
        if (answer is not Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<SessionResponse> { Value: { } posted } signed)
        {
            return answer;
        }

        return await AnswerAsync(
            new CoordinatorAddress(group, body.Session), posted, signed.StatusCode ?? StatusCodes.Status200OK, context.RequestAborted);
    }

    /// <summary>The record, the session, and once that is signed both in an envelope of this process's session key (G6).</summary>
    /// <param name="posted">What the session answered just now; null to read it.</param>
    private async Task<IResult> AnswerAsync(CoordinatorAddress address, SessionResponse? posted, int status, CancellationToken cancellation)
    {
        FromGuardian answer = await coordinator.Desk.AskAsync(
            new GuardianAddress(address.Group), new GuardianCommand.Prove(address.Session), cancellation);
        if (answer.Answer is not GuardianAnswer.Granted { Reply: GuardianReply.Proved proved })
        {
            return GuardianEndpoints.ToProblem(answer.Answer, GuardianRefusals.NoGuardian);
        }

        SessionView? view = posted?.State == "running" ? null : await sessions.TryReadAsync(address, cancellation);
        SessionResponse? shown = posted ?? (view is null ? null : SessionDocuments.ToResponse(view));
        JsonObject? envelope = Seal(session, proved, view, time.GetUtcNow());
        return TypedResults.Json(WithdrawalResponse.Of(proved.Withdrawal, shown, envelope), HttpJson.Default.WithdrawalResponse, statusCode: status);
    }

    /// <summary>The envelope of a withdrawal that is signed; null for one that is not yet.</summary>
    internal static JsonObject? Seal(SessionKey session, GuardianReply.Proved proved, SessionView? view, DateTimeOffset now) =>
        view is { OutputKey: { } keys, Signature: { } signatures }
            ? EnvelopeText.Write(session.Seal(new WithdrawalResult(
                view.Group, proved.Withdrawal, proved.Proof, keys, view.Message, signatures, (ulong)now.ToUnixTimeSeconds())))
            : null;
}
