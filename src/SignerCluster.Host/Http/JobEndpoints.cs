using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Actors.Requests;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Host.Http;

/// <summary>Takes covenant jobs, and tells where they stand.</summary>
internal sealed class JobEndpoints(JobDesk desk, RequestBodies bodies, JobSlots slots, CancellationToken stopping)
{
    public async Task<IResult> SubmitAsync(string route, HttpContext context)
    {
        using IDisposable? slot = slots.TryClaim(context, out Problem? full);
        return full ?? await AnswerAsync(route, requestId: null, context, static (_, submission) => new JobCommand.Submit(submission.Request));
    }

    public Task<IResult> PollAsync(string route, HttpContext context) => PollOneAsync(route, id: null, context);

    public Task<IResult> PollOneAsync(string route, string? id, HttpContext context) =>
        AnswerAsync(route, id, context, static (job, submission) => new JobCommand.Poll(submission.Request.DigestFor(job)));

    /// <summary>An operator's decision on the job of the path.</summary>
    public async Task<IResult> AbandonAsync(string route, string id, HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, [], out Problem? problem) || !TryAddress(route, id, out JobAddress? job, out problem))
        {
            return problem;
        }

        (MemoryStream? content, problem) = await bodies.ReadAsync(context);
        if (content is null || !GuardianEndpoints.TryParse(content, WireJson.Default.JobDecision, out JobDecision? decision, out problem))
        {
            return problem!;
        }

        return await desk.DecideAsync(job, decision, context.RequestAborted) switch
        {
            JobDecisionAnswer.Granted { Reply.Decision: { } standing } =>
                TypedResults.Json(AbandonedResponse.Of(job, standing), HttpJson.Default.AbandonedResponse),
            JobDecisionAnswer.Refused refused => Problem.Of(refused.Refusal),
            JobDecisionAnswer.Failed failed => Problem.Unavailable(failed.Code, failed.IsTransient),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<IResult> AnswerAsync(
        string route, string? requestId, HttpContext context, Func<JobAddress, JobSubmission, JobCommand> command)
    {
        if (!Query.TryCheck(context.Request.Query, ["wait"], out Problem? problem)
            || !Query.TryReadNumber(context.Request.Query, "wait", 0, HttpLimits.MaximumWaitSeconds, 0, out int seconds, out problem))
        {
            return problem;
        }

        (MemoryStream? content, problem) = await bodies.ReadAsync(context);
        return content is not null
            && GuardianEndpoints.TryParse(content, WireJson.Default.JobSubmission, out JobSubmission? submission, out problem)
            && TryAddress(route, requestId, submission, out JobAddress? job, out problem)
                ? ToResult(job, submission.Request, await AskAsync(job, command(job, submission), seconds, context))
                : problem!;
    }

    /// <summary>A caller that goes away, and a server that stops, give up the wait and not the job.</summary>
    private async Task<JobAnswer> AskAsync(JobAddress job, JobCommand command, int seconds, HttpContext context)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            return await desk.AskAsync(job, command, TimeSpan.FromSeconds(seconds), waiting.Token);
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested)
        {
            return await desk.AskAsync(job, command, TimeSpan.Zero, CancellationToken.None);
        }
    }

    /// <summary>What the ids in body and path name; they must all name the same job.</summary>
    private static bool TryAddress(
        string route, string? requestId, JobSubmission submission, [NotNullWhen(true)] out JobAddress? job, [NotNullWhen(false)] out Problem? problem)
    {
        if (!TryAddress(route, submission.RouteRequestId, out job, out problem))
        {
            return false;
        }

        string known = job.RequestId;
        bool isOne = (requestId ?? known) == known && (submission.RequestId ?? known) == known;
        problem = isOne
            ? null
            : Problem.Malformed("job_id_mismatch", "The request id is not the one of this routeRequestId on this route.", ("expected", known));
        return isOne;
    }

    private static bool TryAddress(
        string route, string routeRequestId, [NotNullWhen(true)] out JobAddress? job, [NotNullWhen(false)] out Problem? problem)
    {
        job = CovenantKinds.TryParse(route, out CovenantKind kind, out _) && RouteRequestId.TryParse(routeRequestId, out RouteRequestId id)
            ? new JobAddress(kind, id)
            : null;
        problem = job is null
            ? Problem.Malformed("job_id_invalid", $"routeRequestId is 1..{RouteRequestId.MaximumLength} characters of a-z, 0-9, _ and -.")
            : null;
        return job is not null;
    }

    private static IResult ToResult(JobAddress job, JobRequest request, JobAnswer answer) => answer switch
    {
        JobAnswer.Granted granted => TypedResults.Json(
            JobResponse.Of(job, request, granted.Reply),
            HttpJson.Default.JobResponse,
            statusCode: granted.Reply is JobReply.Pending ? StatusCodes.Status202Accepted : StatusCodes.Status200OK),
        JobAnswer.Refused refused => Problem.Of(refused.Refusal),
        JobAnswer.Failed failed => Problem.Unavailable(failed.Code, failed.IsTransient),
        _ => throw new UnreachableException(),
    };
}
