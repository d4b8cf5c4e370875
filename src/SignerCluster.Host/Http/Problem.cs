using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SignerCluster.Host.Telemetry;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>An error as callers see it: <c>application/problem+json</c> of RFC 9457 with the members code, class and evidence.</summary>
internal sealed record Problem(int Status, string Code, string Detail) : IResult
{
    public const string ContentType = "application/problem+json";

    public RefusalClass Class { get; init; } = RefusalClass.Terminal;

    public IReadOnlyDictionary<string, string> Evidence { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Seconds after which to try again; null when trying again will not help.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Is the connection closed after this, so that nobody waits for the rest of a body that may never come?</summary>
    public bool Cuts { get; init; }

    /// <summary>The request itself is wrong.</summary>
    public static Problem Malformed(string code, string detail, params ReadOnlySpan<(string Name, object Value)> evidence) =>
        Of(Refusal.Terminal(code, detail, evidence)) with { Status = StatusCodes.Status400BadRequest };

    /// <summary>Something outside failed; the same request with the same session id may be sent again.</summary>
    public static Problem Unavailable(string code, bool isTransient) => new(
        StatusCodes.Status503ServiceUnavailable,
        code,
        isTransient
            ? "The cluster cannot answer at the moment. Nothing is lost: send the same request with the same session id again."
            : "The cluster cannot answer until its operator has helped. Nothing is lost: the same request with the same session id continues afterwards.")
    {
        Class = RefusalClass.Recoverable,
        RetryAfterSeconds = isTransient ? 1 : 60,
    };

    /// <summary>One caller sends more bodies at once than it may.</summary>
    public static Problem TooManyBodies { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "too_many_bodies", "Too many requests of this caller are half sent. Send them one after another.")
    {
        Class = RefusalClass.Recoverable,
        RetryAfterSeconds = 1,
        Cuts = true,
    };

    /// <summary>A refusal under the status that fits its code.</summary>
    public static Problem Of(Refusal refusal) =>
        new(StatusOf(refusal.Code), refusal.Code, Advice.Worded(refusal))
        {
            Class = refusal.Class,
            Evidence = refusal.Evidence,
            RetryAfterSeconds = int.TryParse(refusal.Evidence.GetValueOrDefault("waitSeconds"), CultureInfo.InvariantCulture, out int wait) ? wait : null,
        };

    /// <summary>The problem for a status that the server gave without a body.</summary>
    public static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => new Problem(status, "not_found", "There is nothing at this path. The description of the API is at /openapi/v1.json."),
        StatusCodes.Status405MethodNotAllowed =>
            new Problem(status, "method_not_allowed", "The path does not take this method; the Allow header names those that it takes."),
        StatusCodes.Status408RequestTimeout => new Problem(status, "body_timeout", "The body did not arrive in time.") { Class = RefusalClass.Recoverable },
        StatusCodes.Status413PayloadTooLarge => new Problem(status, "body_too_large", $"A body has at most {HttpLimits.MaximumBodyBytes} bytes."),
        StatusCodes.Status415UnsupportedMediaType =>
            new Problem(status, "media_type_unsupported", "Send the body as application/json in UTF-8, not compressed."),
        >= StatusCodes.Status500InternalServerError => new Problem(status, "internal_error", "The request met a defect of the server. Its log tells more."),
        _ => new Problem(status, "bad_request", "The request is not well-formed HTTP."),
    };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpMeter.Refused(Code);
        httpContext.Response.StatusCode = Status;
        if (RetryAfterSeconds is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        ProblemResponse body = new(
            "about:blank", ReasonPhrases.GetReasonPhrase(Status), Status, Detail, Code, ClassName(Class), Evidence.Count == 0 ? null : Evidence);
        await httpContext.Response.WriteAsJsonAsync(body, HttpJson.Default.ProblemResponse, ContentType, httpContext.RequestAborted);
        if (Cuts)
        {
            await httpContext.Response.CompleteAsync();
            // The answer gets a moment to leave: what is still under way is lost with the connection.
            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            httpContext.Abort();
        }
    }

    internal static string ClassName(RefusalClass @class) => @class == RefusalClass.Recoverable ? "recoverable" : "terminal";

    /// <summary>What a PSBT or its policy gets refused for is the default: the request is well-formed and still cannot be processed.</summary>
    private static int StatusOf(string code) => code switch
    {
        Refusals.UnknownGroupCode or Refusals.SessionNotFoundCode => StatusCodes.Status404NotFound,
        Refusals.SessionConflictCode or Refusals.RekeyRequiredCode or Refusals.GroupRetiredCode => StatusCodes.Status409Conflict,
        "withdrawal_conflict" or "transaction_already_withdrawn" or GuardianRefusals.RequiredCode or "guardian_missing" => StatusCodes.Status409Conflict,
        "withdrawal_not_found" or "job_not_found" => StatusCodes.Status404NotFound,
        "job_conflict" or "job_abandoned" or "job_already_abandoned" or "job_not_quarantined" => StatusCodes.Status409Conflict,
        "job_decisions_not_taken" or "job_decision_not_allowed" or "job_decision_unsigned" => StatusCodes.Status403Forbidden,
        JobRefusals.RegistryUnavailableCode or "height_unknown" or JobRefusals.QuarantinedCode => StatusCodes.Status503ServiceUnavailable,
        "group_frozen" or "group_stopped" or Refusals.RawNotAllowedCode => StatusCodes.Status403Forbidden,
        GuardianRefusals.RateLimitedCode => StatusCodes.Status429TooManyRequests,
        UnreadableHistoryException.RefusalCode => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };
}
