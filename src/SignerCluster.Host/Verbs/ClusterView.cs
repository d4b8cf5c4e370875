using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Verbs;

/// <summary>What can be looked at in a cluster: in its data directory, or through a running signer.</summary>
internal interface IClusterView : IAsyncDisposable
{
    Task<IReadOnlyList<GroupResponse>> ListGroupsAsync(CancellationToken cancellation);

    /// <summary>Every session of the group, oldest first.</summary>
    IAsyncEnumerable<SessionLine> ListSessionsAsync(GroupId group, CancellationToken cancellation);

    /// <summary>Null when there is no such session.</summary>
    Task<SessionResponse?> ReadSessionAsync(CoordinatorAddress session, CancellationToken cancellation);

    /// <summary>The guardians of the group that can be looked at there. Throws <see cref="ApiException"/> for an unknown group.</summary>
    Task<GuardianResponse> ShowGuardiansAsync(GroupId group, CancellationToken cancellation);

    /// <summary>What can be withdrawn. Throws <see cref="ApiException"/> for an unknown group and one without a guardian.</summary>
    Task<CapacityResponse> ReadCapacityAsync(GroupId group, ulong? amountSat, CancellationToken cancellation);

    /// <summary>A withdrawal with its session. Throws as <see cref="ReadCapacityAsync"/>, and for an unknown withdrawal.</summary>
    Task<WithdrawalResponse> ReadWithdrawalAsync(CoordinatorAddress withdrawal, CancellationToken cancellation);

    /// <summary>Every withdrawal of the group from a number on. Throws <see cref="ApiException"/> for an unknown group.</summary>
    IAsyncEnumerable<WithdrawalResponse> ListWithdrawalsAsync(GroupId group, ulong from, CancellationToken cancellation);
}

/// <summary>Opens what a command line names.</summary>
internal static class ClusterView
{
    internal static async Task<IClusterView> OpenAsync(string? data, string[]? urls, string? tokenFile, CancellationToken cancellation) => (data, urls) switch
    {
        (not null, not null) => throw new UsageException("data_or_url", "--data, --url: give only one of them."),
        (_, not null) => new RemoteView(SignerApi.Open(urls, tokenFile)),
        _ => new LocalView(await Wiring.LookAsync(CommonOptions.RequireData(data), cancellation), TimeProvider.System),
    };

    /// <summary>The group that was named; where there is only one, that one.</summary>
    internal static async Task<GroupId> PickGroupAsync(this IClusterView view, string? given, CancellationToken cancellation)
    {
        if (given is not null)
        {
            return CommonOptions.RequireGroup(given);
        }

        IReadOnlyList<GroupResponse> groups = await view.ListGroupsAsync(cancellation);
        return groups is [{ } only] ? GroupId.Parse(only.Group) : CommonOptions.RequireGroup(null);
    }
}
