using System.Net;
using SignerCluster.Workbench.Cluster;

namespace SignerCluster.Workbench.Bench;

/// <summary>Lets the participants of a cluster dial the coordinators by longer ways.</summary>
internal sealed class SlowWays : IAsyncDisposable
{
    private const string Dialled = "SIGNER_LINKS_COORDINATORS";
    private readonly List<SlowWay> _ways = [];

    /// <summary>The node as it must be started; one that dials nobody as it is.</summary>
    internal ClusterNode Detour(ClusterNode node, TimeSpan roundTrip) => node.Environment.TryGetValue(Dialled, out string? coordinators)
        ? node with
        {
            Environment = new Dictionary<string, string>(node.Environment, StringComparer.Ordinal)
            {
                [Dialled] = string.Join(',', coordinators.Split(',').Select(coordinator => Open(IPEndPoint.Parse(coordinator).Port, roundTrip))),
            },
        }
        : node;

    public async ValueTask DisposeAsync()
    {
        foreach (SlowWay way in _ways)
        {
            await way.DisposeAsync();
        }
    }

    private EndPoint Open(int port, TimeSpan roundTrip)
    {
        _ways.Add(new SlowWay(port, roundTrip));
        return _ways[^1].Endpoint;
    }
}
