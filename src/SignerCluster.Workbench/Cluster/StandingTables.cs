using SignerCluster.Host.Http;
using Spectre.Console;

namespace SignerCluster.Workbench.Cluster;

/// <summary>What the nodes that run see of their cluster, as tables: members, shards and links. Nodes that see the same share a row.</summary>
internal static class StandingTables
{
    internal static void Write(IAnsiConsole console, IReadOnlyList<ClusterNode> nodes)
    {
        (ClusterNode Node, RoleResponse Role)[] seen =
            [.. nodes.SelectMany(static node => node.Cluster?.Roles.Select(role => (node, role)) ?? [])];
        if (seen.Length == 0)
        {
            return;
        }

        WriteMembers(console, seen);
        WriteShards(console, seen);
        WriteLinks(console, seen);
    }

    private static void WriteMembers(IAnsiConsole console, (ClusterNode Node, RoleResponse Role)[] seen)
    {
        Dictionary<string, string> names =
            seen.DistinctBy(static one => one.Role.Address).ToDictionary(static one => one.Role.Address, static one => one.Node.Name);
        Table table = New("party", "member", "address", "status", "roles", "oldest", "seen by");
        foreach (var same in seen.SelectMany(static one => one.Role.Members.Select(member => (one.Role.Party, Member: member, one.Node.Name)))
            .GroupBy(static one => (
                one.Party, one.Member.Address, one.Member.Status, Roles: string.Join(' ', one.Member.Roles), one.Member.Oldest, one.Member.Reachable)))
        {
            string status = same.Key.Reachable ? same.Key.Status : $"{same.Key.Status}, unreachable";
            table.AddRow(
                same.Key.Party,
                names.GetValueOrDefault(same.Key.Address, "-"),
                same.Key.Address,
                status,
                same.Key.Roles.Length == 0 ? "-" : same.Key.Roles,
                same.Key.Oldest ? "yes" : "no",
                string.Join(' ', same.Select(static one => one.Name)));
        }

        console.Write(table);
    }

    private static void WriteShards(IAnsiConsole console, (ClusterNode Node, RoleResponse Role)[] seen)
    {
        Table table = New("node", "region", "shards", "entities");
        foreach ((ClusterNode node, RegionResponse region) in seen.SelectMany(static one => one.Role.Regions.Select(region => (one.Node, region))))
        {
            table.AddRow(node.Name, region.Region, $"{region.Shards}", $"{region.Entities}");
        }

        console.Write(table);
    }

    private static void WriteLinks(IAnsiConsole console, (ClusterNode Node, RoleResponse Role)[] seen)
    {
        Table table = New("link of", "with", "state", "last fault", "since");
        foreach ((ClusterNode node, LinkResponse link) in seen.SelectMany(static one => one.Role.Links.Select(link => (one.Node, link))))
        {
            table.AddRow(node.Name, WordsFor(link), link.Up ? "up" : "down", link.Fault ?? "-", $"{link.Since:u}");
        }

        console.Write(table);
    }

    private static string WordsFor(LinkResponse link) =>
        link.Party.Length == 0 || link.Peer.StartsWith($"{link.Party}/", StringComparison.Ordinal) ? link.Peer : $"{link.Party} at {link.Peer}";

    private static Table New(params string[] columns) => new Table { Border = TableBorder.Simple }.AddColumns(columns);
}
