using System.Net.Mime;
using SignerCluster.Protocol.CovenantJob;

namespace SignerCluster.Host.Http;

/// <summary>The paths of covenant jobs, and how the API's description tells of them.</summary>
internal static class JobMap
{
    internal static void Map(WebApplication application, JobEndpoints jobs)
    {
        application.MapPost(ApiPaths.JobSubmit, jobs.SubmitAsync)
            .WithSummary("Asks for a covenant to be spent. The same routeRequestId and request again are the same job.").TakesJob()
            .ProducesProblems(400, 401, 408, 409, 413, 415, 422, 429, 503);
        application.MapPost(ApiPaths.JobPoll, jobs.PollAsync)
            .WithSummary("Where the job of exactly this request stands.").TakesJob().ProducesProblems(400, 401, 404, 408, 409, 413, 415, 422, 503);
        application.MapPost(ApiPaths.JobPollOne, (Delegate)jobs.PollOneAsync)
            .WithSummary("As the other poll; the id must be that of the request in the body.").TakesJob()
            .ProducesProblems(400, 401, 404, 408, 409, 413, 415, 422, 503);
        application.MapPost(ApiPaths.JobAbandon, (Delegate)jobs.AbandonAsync)
            .WithSummary("Gives up a job whose record cannot be read, by an operator's signed decision. The id is the routeRequestId.")
            .Accepts<JobDecision>(MediaTypeNames.Application.Json)
            .Produces<AbandonedResponse>().ProducesProblems(400, 401, 403, 408, 409, 413, 415, 422, 503);
    }

    internal static void MapCertificates(WebApplication application, CertificateEndpoints certificates) =>
        application.MapPost(ApiPaths.Certificates, (Delegate)certificates.IssueAsync)
            .WithSummary("Has a group sign its approval of one transaction, good up to a block. The same request again is the same signing.")
            .Accepts<SignerCertificateRequest>(MediaTypeNames.Application.Json)
            .Produces<SignerCertificateResponse>().Produces<SignerCertificateResponse>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
            .TakesNumber("wait", 0, HttpLimits.MaximumWaitSeconds, 0, "Seconds to wait for the signature; 202 when it is not there by then.");

    private static RouteHandlerBuilder TakesJob(this RouteHandlerBuilder endpoint) => endpoint
        .Accepts<JobSubmission>(MediaTypeNames.Application.Json)
        .Produces<JobResponse>().Produces<JobResponse>(StatusCodes.Status202Accepted)
        .TakesNumber("wait", 0, HttpLimits.MaximumWaitSeconds, 0, "Seconds to wait for the end of the job; 202 when it has not ended by then.");
}
