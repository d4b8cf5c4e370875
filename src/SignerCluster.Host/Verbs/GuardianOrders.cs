using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Verbs;

/// <summary>What an operator says to guardians: to those of a data directory that nobody runs on, or to those of a running signer.</summary>
/// <param name="data">Null where signers are named.</param>
internal sealed class GuardianOrders(string? data, string[]? urls, string? tokenFile)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The guardians there after the order, shown once every seat has heard of it; a seat that is away for three seconds hears of it later. Throws
    /// <see cref="ApiException"/> where it is refused.
    /// </summary>
    internal async Task<GuardianResponse> GiveAsync(GroupId group, GuardianCommand order, Terminal terminal, CancellationToken cancellation)
    {
        if (urls is not null)
        {
            using SignerApi api = SignerApi.Open(urls, tokenFile);
            await PostAsync(api, group, order, cancellation);
            return await SettleAsync(
                () => api.GetAsync($"/v1/groups/{group}/guardian", SignerApi.Json.GuardianResponse, cancellation), cancellation);
        }

        // Open sessions are left to a longer-lived process, as for a single signature.
        ClusterSettings settings = new() { SignsNothing = true, Embedded = new EmbeddedClusterSettings { ResumesOpenSessions = false } };
        await using RunningCluster running = await Wiring.StartAsync(data!, settings, NullLoggerFactory.Instance, cancellation);
        running.Warn(terminal);
        if (running.Cluster.Groups.StandingOf(group).Group is null)
        {
            throw new ApiException(Failure.Of(Refusals.UnknownGroup(group)));
        }

        await TellAsync(order);
        return await SettleAsync(() => TellAsync(new GuardianCommand.Show()), cancellation);

        async Task<GuardianResponse> TellAsync(GuardianCommand command)
        {
            (GuardianResponse? shown, GuardianAnswer? otherwise) = await ServedGuardians.TellAsync(
                running.Cluster.Guardians, group, command, CancellationToken.None);
            return shown ?? throw new ApiException(FailureOf(otherwise!));
        }
    }

    private static Task<GuardianResponse> PostAsync(SignerApi api, GroupId group, GuardianCommand order, CancellationToken cancellation)
    {
        return order switch
        {
            GuardianCommand.Configure configure => api.PostAsync(
                $"/v1/groups/{group}/guardian",
                GuardianRulesDocument.Of(configure.Rules),
                SignerApi.Json.GuardianRulesDocument,
                SignerApi.Json.GuardianResponse,
                cancellation),
            GuardianCommand.Freeze freeze => SayAsync("guardian/freeze", freeze.Reason),
            GuardianCommand.Unfreeze unfreeze => SayAsync("guardian/unfreeze", unfreeze.Reason),
            GuardianCommand.Stop stop => SayAsync("stop", stop.Reason),
            GuardianCommand.Resume resume => SayAsync("resume", resume.Reason),
            _ => throw new UnreachableException(order.GetType().Name),
        };

        Task<GuardianResponse> SayAsync(string path, string reason) => api.PostAsync(
            $"/v1/groups/{group}/{path}", new ReasonRequest(reason), SignerApi.Json.ReasonRequest, SignerApi.Json.GuardianResponse, cancellation);
    }

    private static async Task<GuardianResponse> SettleAsync(Func<Task<GuardianResponse>> show, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        GuardianResponse shown = await show();
        while (!shown.Guardians.All(IsHeard) && watch.Elapsed < _patience)
        {
            await Task.Delay(_pause, cancellation);
            shown = await show();
        }

        return shown;
    }

    private static bool IsHeard(GuardianViewResponse guardian) =>
        guardian.Seats is not { } seats || seats.All(folded => folded == guardian.Records) || guardian.Records == 0;

    private static Failure FailureOf(GuardianAnswer answer) => answer switch
    {
        GuardianAnswer.Refused refused => Failure.Of(refused.Refusal),
        GuardianAnswer.Failed failed => Failure.Unavailable(failed.Code, "A guardian could not be asked. Say it again: what is done is not done twice."),
        _ => throw new UnreachableException(answer.GetType().Name),
    };
}
