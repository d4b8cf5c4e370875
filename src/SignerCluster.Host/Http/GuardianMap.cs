using System.Net.Mime;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>The paths of guardians and withdrawals, and how the API's description tells of them.</summary>
internal static class GuardianMap
{
    internal static void MapWithdrawals(WebApplication application, WithdrawalEndpoints withdrawals)
    {
        application.MapPost(ApiPaths.Withdrawals, withdrawals.OpenAsync)
            .WithSummary(
                "Asks the group's guardian to accept a payment, signs it once it is paid for, and waits for the end. "
                    + "The same id and PSBT again are the same withdrawal.")
            .Accepts<WithdrawalRequest>(MediaTypeNames.Application.Json)
            .Produces<WithdrawalResponse>().Produces<WithdrawalResponse>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
            .TakesNumber("wait", 0, HttpLimits.MaximumWaitSeconds, 0, "Seconds to wait for the end of the session; 202 when it has not ended by then.");
        application.MapGet(ApiPaths.Withdrawals, withdrawals.ListAsync)
            .WithSummary("A group's withdrawals, in the order of their numbers.").Produces<WithdrawalListResponse>().ProducesProblems(400, 401, 404, 503)
            .TakesNumber("limit", 1, GuardianDecider.MaximumPage, WithdrawalEndpoints.DefaultPage, "Withdrawals on a page.")
            .TakesText("from", "The number that the page starts with.");
        application.MapGet(ApiPaths.Withdrawal, withdrawals.ShowAsync)
            .WithSummary("A withdrawal: its record, and where its session stands.").Produces<WithdrawalResponse>()
            .ProducesProblems(400, 401, 404, 409, 503);
    }

    internal static void MapGuardians(WebApplication application, GuardianEndpoints guardians)
    {
        application.MapGet(ApiPaths.Guardian, guardians.ShowAsync)
            .WithSummary("The guardians of the group that this process has.").Produces<GuardianResponse>().ProducesProblems(400, 401, 404, 503);
        application.MapPost(ApiPaths.Stop, guardians.StopAsync)
            .WithSummary("Stops the part of this process's parties in the group, at once.").TakesReason();
        application.MapPost(ApiPaths.Resume, guardians.ResumeAsync).WithSummary("Lifts the stop of this process's parties.").TakesReason();
        if (!guardians.IsCoordinator)
        {
            return;
        }

        application.MapPost(ApiPaths.Guardian, guardians.ConfigureAsync)
            .WithSummary("Puts the group under these rules. What allows less holds at once, what allows more after the present rules' delay.")
            .Accepts<GuardianRulesDocument>(MediaTypeNames.Application.Json).Produces<GuardianResponse>()
            .ProducesProblems(400, 401, 404, 408, 413, 415, 422, 503);
        application.MapPost(ApiPaths.Freeze, guardians.FreezeAsync).WithSummary("Accepts and signs nothing more for the group, at once.").TakesReason();
        application.MapPost(ApiPaths.Unfreeze, guardians.UnfreezeAsync).WithSummary("Lifts a freeze.").TakesReason();
        application.MapGet(ApiPaths.Capacity, guardians.CapacityAsync)
            .WithSummary("What can be withdrawn now, and when an amount can. Nothing is reserved.").Produces<CapacityResponse>()
            .ProducesProblems(400, 401, 404, 409, 503)
            .TakesText("amount", "Satoshis, to be told from when they are there.");
    }

    private static void TakesReason(this RouteHandlerBuilder endpoint) => endpoint
        .Accepts<ReasonRequest>(MediaTypeNames.Application.Json).Produces<GuardianResponse>()
        .ProducesProblems(400, 401, 404, 408, 409, 413, 415, 422, 503);
}
