using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Frost;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Runtime;

namespace SignerCluster.Host.Verbs.Cluster;

/// <summary>Installs a dealt group: at each holder its seat, at the coordinator what is public.</summary>
internal static class ClusterSeats
{
    internal static async Task InstallAsync(
        ClusterDirectory directory, ClusterPlan plan, IReadOnlyList<ClusterNode> nodes, string groupFile, CancellationToken cancellation)
    {
        NodeDocument group = new(Path.GetFileName(groupFile), await File.ReadAllBytesAsync(groupFile, cancellation));
        foreach (ClusterParty party in plan.Parties)
        {
            ClusterNode node = nodes.First(node => node.Party == party.Name);
            NodeSettings settings = NodeSettings.Load(node.Config, node.Environment.GetValueOrDefault);
            RoleSettings role = (RoleSettings?)settings.Participant ?? settings.Coordinator!;
            await using PartyStorage storage = await PartyStorage.OpenAsync(role, settings, NullLoggerFactory.Instance, cancellation);
            await storage.Documents.TryCreateAsync(DocumentKind.Group, group);
            if (!party.IsCoordinator)
            {
                using IdentityKey identity = IdentityKey.Load(role.IdentityFile);
                SeatBundle bundle = SeatBundle.Load(Path.Join(directory.Bundles, $"{party.Name}.json"));
                foreach (SecretShare share in bundle.Open(identity))
                {
                    using (share)
                    {
                        await new SeatFiles(storage.Documents).CreateAsync(bundle.Group.Id, share, storage.Keeper, Wiring.Entropy);
                    }
                }
            }
        }
    }
}
