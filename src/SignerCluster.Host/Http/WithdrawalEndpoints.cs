using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>Asks for withdrawals, and shows them.</summary>
internal sealed class WithdrawalEndpoints(ServedGuardians coordinator, SessionEndpoints sessions, GroupEndpoints groups, RequestBodies bodies)
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

        if (!SessionId.TryParse(id, out SessionId session) || session.ToString() != id)
        {
            return Problem.Malformed("withdrawal_id_invalid", "This is no withdrawal id.");
        }

        GuardianAnswer answer = await FindAsync(found.Id, session, context.RequestAborted);
        return answer is GuardianAnswer.Granted { Reply: GuardianReply.Admitted admitted }
            ? TypedResults.Json(
                WithdrawalResponse.Of(admitted.Withdrawal, await sessions.TryReadAsync(new CoordinatorAddress(found.Id, session), context.RequestAborted)),
                HttpJson.Default.WithdrawalResponse)
            : GuardianEndpoints.ToProblem(answer, GuardianRefusals.NoGuardian);
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
        if (answer is not Microsoft.AspNetCore.Http.HttpResults.JsonHttpResult<SessionResponse> { Value: { } session } signed)
        {
            return answer;
        }

        GuardianAnswer found = await FindAsync(group, body.Session, context.RequestAborted);
        return found is GuardianAnswer.Granted { Reply: GuardianReply.Admitted admitted }
            ? TypedResults.Json(WithdrawalResponse.Of(admitted.Withdrawal, session), HttpJson.Default.WithdrawalResponse, statusCode: signed.StatusCode)
            : GuardianEndpoints.ToProblem(found, GuardianRefusals.NoGuardian);
    }

    private async Task<GuardianAnswer> FindAsync(GroupId group, SessionId id, CancellationToken cancellation) =>
        (await coordinator.Desk.AskAsync(new GuardianAddress(group), new GuardianCommand.Find(id), cancellation)).Answer;
}
