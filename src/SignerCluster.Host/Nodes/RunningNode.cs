using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>A node of a cluster with all its roles. Disposing stops them, the coordinator first.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened;
    private readonly IReadOnlyList<IRunningRole> _roles;

    private RunningNode(Stack<IAsyncDisposable> opened, IReadOnlyList<IRunningRole> roles, NodeStanding standing)
    {
        _opened = opened;
        _roles = roles;
        CoordinatorRole? coordinator = roles.OfType<CoordinatorRole>().FirstOrDefault();
        Served = new ServedNode(
            (coordinator ?? roles[0]).Groups,
            [.. roles.Select(static role => role.Storage.Kept)],
            new NodeReadiness(roles, standing.Certificates, TimeProvider.System))
        {
            Standing = () => standing.Now,
            Sessions = coordinator?.Sessions,
            Session = coordinator?.Session,
            Jobs = coordinator?.Jobs,
            Guardians = [.. roles.Select(static role => role.Guardians)],
            NoncesHeld = () => roles.Sum(static role => role.NoncesHeld),
        };
    }

    /// <summary>The node as the HTTP API serves it.</summary>
    internal ServedNode Served { get; }

    /// <summary>Returns when the others have put this node out of its party's cluster: it must be disposed of and started anew.</summary>
    internal async Task WaitForRemovalAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource any =
            CancellationTokenSource.CreateLinkedTokenSource([cancellation, .. _roles.Select(static role => role.Member.Removed)]);
        await Task.Delay(Timeout.InfiniteTimeSpan, any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Groups that the node knows.</summary>
    internal int Groups => _roles.Max(static role => role.Groups.Groups.Count);

    /// <summary>
    /// Starts the roles that the configuration names. Throws <see cref="DataDirectoryException"/>, <see cref="JournalException"/>,
    /// <see cref="KeyProviderException"/> and <see cref="LinkException"/>; each says what to do, and nothing is left running.
    /// </summary>
    internal static async Task<RunningNode> StartAsync(NodeSettings settings, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        List<IRunningRole> roles = [];
        bool started = false;
        try
        {
            if (settings.Participant is { } participant)
            {
                roles.Add(await ParticipantRole.StartAsync(participant, settings, logs, cancellation));
                opened.Push(roles[^1]);
            }

            if (settings.Coordinator is { } coordinator)
            {
                roles.Add(await CoordinatorRole.StartAsync(coordinator, settings, logs, cancellation));
                opened.Push(roles[^1]);
            }

            NodeStanding standing = new(settings.Name, roles, TimeProvider.System, logs);
            opened.Push(standing);
            started = true;
            return new RunningNode(opened, roles, standing);
        }
        finally
        {
            if (!started)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    public ValueTask DisposeAsync() => Wiring.CloseAsync(_opened);
}
