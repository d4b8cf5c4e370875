using System.Diagnostics;
using SignerCluster.Actors;
using SignerCluster.Actors.Requests;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Host.Http;

/// <summary>Opens sessions, waits for them and shows them.</summary>
/// <param name="stopping">Ends every wait, never a session.</param>
internal sealed class SessionEndpoints(
    ServedSessions served, GroupEndpoints groups, RequestBodies bodies, HttpLimits limits, TimeProvider time, CancellationToken stopping)
{
    internal const int MaximumPage = 200;
    internal const int DefaultPage = 100;
    private readonly SessionReader _sessions = new(served.Journal);

    public async Task<IResult> OpenAsync(string group, HttpContext context)
    {
        using Activity? span = Traces.StartRequest("POST session", context.Request.Headers.TraceParent);
        if (!Query.TryCheck(context.Request.Query, ["wait"], out Problem? problem)
            || !Query.TryReadNumber(context.Request.Query, "wait", 0, HttpLimits.MaximumWaitSeconds, 0, out int seconds, out problem)
            || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        (SessionBody? body, problem) = await ReadBodyAsync(context);
        return body is null ? problem! : await SignAsync(found.Id, body, TimeSpan.FromSeconds(seconds), context);
    }

    public async Task<IResult> ShowAsync(string group, string id, HttpContext context)
    {
        if (!Query.TryCheck(context.Request.Query, [], out Problem? problem) || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        if (!SessionId.TryParse(id, out SessionId session) || session.ToString() != id)
        {
            return Problem.Malformed("session_id_invalid", "This is no session id.");
        }

        return await _sessions.ReadAsync(new CoordinatorAddress(found.Id, session), context.RequestAborted) is { } view
            ? TypedResults.Json(SessionDocuments.ToResponse(view), HttpJson.Default.SessionResponse)
            : Problem.Of(Refusal.Recoverable(Refusals.SessionNotFoundCode, $"Session {session} was never opened in this group.", ("session", session)));
    }

    public async Task<IResult> ListAsync(string group, HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        if (!Query.TryCheck(query, ["limit", "after"], out Problem? problem)
            || !Query.TryReadNumber(query, "limit", 1, MaximumPage, DefaultPage, out int limit, out problem)
            || !groups.TryFind(group, out StoredGroup? found, out problem))
        {
            return problem;
        }

        SessionId? after = null;
        if (query.TryGetValue("after", out var text))
        {
            if (!SessionId.TryParse(text, out SessionId parsed))
            {
                return Problem.Malformed("after_invalid", "The parameter after is a session id.");
            }

            after = parsed;
        }

        return await PageAsync(found.Id, after, limit, context.RequestAborted) is { } page
            ? TypedResults.Json(page, HttpJson.Default.SessionListResponse)
            : Problem.Malformed("after_unknown", $"No session of this group has the id {after}.", ("after", after!.Value));
    }

    /// <summary>Null when there is no session <paramref name="after"/>.</summary>
    private async Task<SessionListResponse?> PageAsync(GroupId group, SessionId? after, int limit, CancellationToken cancellation)
    {
        List<CoordinatorAddress> page = [];
        bool isPast = after is null;
        await foreach (CoordinatorAddress session in _sessions.ListAsync(cancellation))
        {
            if (session.Group != group)
            {
                continue;
            }

            if (isPast)
            {
                page.Add(session);
            }

            isPast |= session.Session == after;
            if (page.Count > limit)
            {
                break;
            }
        }

        List<SessionSummary> summaries = [];
        foreach (CoordinatorAddress session in page.Take(limit))
        {
            summaries.Add(await SummarizeAsync(session, cancellation));
        }

        return isPast ? new SessionListResponse(summaries, page.Count > limit ? summaries[^1].SessionId : null) : null;
    }

    /// <summary>One history that cannot be read must not hide the others.</summary>
    private async Task<SessionSummary> SummarizeAsync(CoordinatorAddress session, CancellationToken cancellation)
    {
        try
        {
            SessionView? view = await _sessions.ReadAsync(session, cancellation);
            return new SessionSummary(session.Session.ToString(), view?.State ?? "unreadable", view?.Message[0].ToString(), view?.Signature?[0].ToString());
        }
        catch (UnreadableHistoryException)
        {
            return new SessionSummary(session.Session.ToString(), "unreadable", null, null);
        }
    }

    private async Task<(SessionBody? Body, Problem? Problem)> ReadBodyAsync(HttpContext context)
    {
        (MemoryStream? content, Problem? problem) = await bodies.ReadAsync(context);
        return content is not null && SessionBody.TryParse(content.GetBuffer().AsSpan(0, (int)content.Length), out SessionBody? body, out problem)
            ? (body, null)
            : (null, problem);
    }

    /// <summary>Null when there is no such session.</summary>
    internal async Task<SessionView?> TryReadAsync(CoordinatorAddress session, CancellationToken cancellation) =>
        await _sessions.ReadAsync(session, cancellation);

    internal async Task<IResult> SignAsync(GroupId group, SessionBody body, TimeSpan wait, HttpContext context)
    {
        // A caller that goes away, and a server that stops, give up the wait and not what was asked for: the session goes on, and where it stands is the
        // answer.
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        SigningReport report;
        try
        {
            report = await WithinAsync(limits.Answer + wait, SignAsync(group, body, wait, waiting.Token), context);
        }
        catch (OperationCanceledException) when (waiting.IsCancellationRequested)
        {
            report = await WithinAsync(limits.Answer, SignAsync(group, body, TimeSpan.Zero, CancellationToken.None), context);
        }
        catch (TimeoutException)
        {
            return Problem.Unavailable("answer_timeout", isTransient: true);
        }

        return await AnswerAsync(new CoordinatorAddress(group, body.Session), report, context);
    }

    private Task<SigningReport> WithinAsync(TimeSpan patience, Task<SigningReport> signing, HttpContext context) =>
        signing.WaitAsync(patience, time, context.RequestAborted);

    private Task<SigningReport> SignAsync(GroupId group, SessionBody body, TimeSpan wait, CancellationToken cancellation) => body switch
    {
        SessionBody.Bare bare => served.Desk.SignMessageAsync(group, bare.Session, bare.Message, wait, cancellation),
        SessionBody.OfPsbt psbt => served.Desk.SignPsbtAsync(group, psbt.Session, psbt.Psbt.AsSpan().ToArray(), psbt.Approvals, wait, cancellation),
        SessionBody.OfWithdrawal withdrawal => served.Desk.WithdrawAsync(
            group, withdrawal.Session, withdrawal.Psbt.AsSpan().ToArray(), withdrawal.Approvals, withdrawal.Timestamp, wait, cancellation),
        SessionBody.OfProof proof => served.Desk.ProveAsync(group, proof.Session, proof.Artefact, wait, cancellation),
        _ => throw new UnreachableException(body.GetType().Name),
    };

    private async Task<IResult> AnswerAsync(CoordinatorAddress session, SigningReport report, HttpContext context)
    {
        switch (report)
        {
            case SigningReport.Unavailable unavailable:
                return Problem.Unavailable(unavailable.Code, unavailable.IsTransient);
            case SigningReport.Refused { Refusal: { } refusal } when !SessionDocuments.EndsSessions(refusal):
                return Problem.Of(refusal);
        }

        SessionView view = report.End is { } end
            ? SessionView.Of(end)
            : await _sessions.ReadAsync(session, context.RequestAborted) ?? throw new UnreachableException($"{session} was opened and is not there.");
        bool isRunning = report is SigningReport.Running;
        if (isRunning)
        {
            context.Response.Headers.Location = $"/v1/groups/{session.Group}/sessions/{session.Session}";
        }

        SessionResponse response = SessionDocuments.ToResponse(view, report);
        return TypedResults.Json(response, HttpJson.Default.SessionResponse, statusCode: isRunning ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }
}
