using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Verbs;

/// <summary>Asks a running signer.</summary>
internal sealed class RemoteView(SignerApi api) : IClusterView
{
    public async Task<IReadOnlyList<GroupResponse>> ListGroupsAsync(CancellationToken cancellation) =>
        (await api.GetAsync("/v1/groups", SignerApi.Json.GroupListResponse, cancellation)).Groups;

    public async IAsyncEnumerable<SessionLine> ListSessionsAsync(
        GroupId group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            string path =
                $"/v1/groups/{group}/sessions?limit={SessionEndpoints.MaximumPage}{(after is null ? string.Empty : $"&after={Uri.EscapeDataString(after)}")}";
            SessionListResponse page = await api.GetAsync(path, SignerApi.Json.SessionListResponse, cancellation);
            foreach (SessionSummary session in page.Sessions)
            {
                yield return new SessionLine(session.SessionId, $"{group}", session.State, session.Message, session.Signature);
            }

            after = page.Next;
        }
        while (after is not null);
    }

    public async Task<SessionResponse?> ReadSessionAsync(CoordinatorAddress session, CancellationToken cancellation)
    {
        try
        {
            return await api.GetAsync(
                $"/v1/groups/{session.Group}/sessions/{Uri.EscapeDataString($"{session.Session}")}", SignerApi.Json.SessionResponse, cancellation);
        }
        catch (ApiException answer) when (answer.Failure.Code == Refusals.SessionNotFoundCode)
        {
            return null;
        }
    }

    public Task<GuardianResponse> ShowGuardiansAsync(GroupId group, CancellationToken cancellation) =>
        api.GetAsync($"/v1/groups/{group}/guardian", SignerApi.Json.GuardianResponse, cancellation);

    public Task<CapacityResponse> ReadCapacityAsync(GroupId group, ulong? amountSat, CancellationToken cancellation) => api.GetAsync(
        $"/v1/groups/{group}/capacity{(amountSat is { } amount ? $"?amount={amount}" : string.Empty)}", SignerApi.Json.CapacityResponse, cancellation);

    public Task<WithdrawalResponse> ReadWithdrawalAsync(CoordinatorAddress withdrawal, CancellationToken cancellation) => api.GetAsync(
        $"/v1/groups/{withdrawal.Group}/withdrawals/{Uri.EscapeDataString($"{withdrawal.Session}")}", SignerApi.Json.WithdrawalResponse, cancellation);

    public async IAsyncEnumerable<WithdrawalResponse> ListWithdrawalsAsync(
        GroupId group, ulong from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (ulong? next = from; next is not null;)
        {
            WithdrawalListResponse page = await api.GetAsync(
                $"/v1/groups/{group}/withdrawals?limit={GuardianDecider.MaximumPage}&from={next}", SignerApi.Json.WithdrawalListResponse, cancellation);
            foreach (WithdrawalResponse withdrawal in page.Withdrawals)
            {
                yield return withdrawal;
            }

            next = page.Next;
        }
    }

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }
}
