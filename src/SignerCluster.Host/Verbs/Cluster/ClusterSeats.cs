using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Verbs.Cluster;

/// <summary>Installs a dealt group as operators do: each holder its own bundle, the coordinator what is public.</summary>
internal static class ClusterSeats
{
    internal static async Task InstallAsync(
        ClusterDirectory directory, ClusterPlan plan, IReadOnlyList<ClusterNode> nodes, string groupFile, CancellationToken cancellation)
    {
        foreach (ClusterParty party in plan.Parties)
        {
            ClusterNode node = nodes.First(node => node.Party == party.Name);
            NodeSettings settings = NodeSettings.Load(node.Config, node.Environment.GetValueOrDefault);
            await (party.IsCoordinator
                ? SeatInstallation.InstallGroupAsync(settings.Coordinator!, settings, groupFile, cancellation)
                : SeatInstallation.InstallSeatsAsync(settings.Participant!, settings, Path.Join(directory.Bundles, $"{party.Name}.json"), cancellation));
        }
    }
}
