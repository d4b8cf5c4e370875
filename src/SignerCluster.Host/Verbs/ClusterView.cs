using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Host.Verbs;

/// <summary>What can be looked at in a cluster: in its data directory, or through a running signer.</summary>
internal interface IClusterView : IAsyncDisposable
{
    Task<IReadOnlyList<GroupResponse>> ListGroupsAsync(CancellationToken cancellation);

    /// <summary>Every session of the group, oldest first.</summary>
    IAsyncEnumerable<SessionLine> ListSessionsAsync(GroupId group, CancellationToken cancellation);

    /// <summary>Null when there is no such session.</summary>
    Task<SessionResponse?> ReadSessionAsync(CoordinatorAddress session, CancellationToken cancellation);
}

/// <summary>Opens what a command line names.</summary>
internal static class ClusterView
{
    internal static async Task<IClusterView> OpenAsync(string? data, string[]? urls, string? tokenFile, CancellationToken cancellation) => (data, urls) switch
    {
        (not null, not null) => throw new UsageException("data_or_url", "--data, --url: give only one of them."),
        (_, not null) => new RemoteView(SignerApi.Open(urls, tokenFile)),
        _ => new LocalView(await Wiring.LookAsync(CommonOptions.RequireData(data), cancellation)),
    };
}

/// <summary>Reads the coordinator's files, also beside a running signer.</summary>
internal sealed class LocalView(LookedAtCluster cluster) : IClusterView
{
    public Task<IReadOnlyList<GroupResponse>> ListGroupsAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<GroupResponse>>([.. cluster.Groups.Groups.Select(GroupEndpoints.ToResponse)]);

    public async IAsyncEnumerable<SessionLine> ListSessionsAsync(
        GroupId group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await cluster.OpenJournalAsync() is not { } journal)
        {
            yield break;
        }

        SessionReader reader = new(journal);
        await foreach (CoordinatorAddress session in reader.ListAsync(cancellation))
        {
            if (session.Group == group)
            {
                yield return await SummarizeAsync(reader, session, cancellation);
            }
        }
    }

    public async Task<SessionResponse?> ReadSessionAsync(CoordinatorAddress session, CancellationToken cancellation) =>
        await cluster.OpenJournalAsync() is { } journal && await new SessionReader(journal).ReadAsync(session, cancellation) is { } view
            ? SessionDocuments.ToResponse(view)
            : null;

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    /// <summary>One history that cannot be read must not hide the others.</summary>
    private static async Task<SessionLine> SummarizeAsync(SessionReader reader, CoordinatorAddress session, CancellationToken cancellation)
    {
        try
        {
            SessionView? view = await reader.ReadAsync(session, cancellation);
            return new SessionLine(
                $"{session.Session}", $"{session.Group}", view?.State ?? "unreadable", view?.Message[0].ToString(), view?.Signature?[0].ToString());
        }
        catch (UnreadableHistoryException)
        {
            return new SessionLine($"{session.Session}", $"{session.Group}", "unreadable", null, null);
        }
    }
}

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

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }
}
