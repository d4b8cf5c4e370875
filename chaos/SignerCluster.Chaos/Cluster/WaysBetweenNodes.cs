using SignerCluster.Chaos.Proxy;

namespace SignerCluster.Chaos.Cluster;

/// <summary>Puts a proxy before every node for the others of its party, and tells all of them where it is.</summary>
internal static class WaysBetweenNodes
{
    private const string All = "SIGNER_NODES_ALL";

    internal static IReadOnlyList<(string Node, TcpProxy Proxy)> Put(IReadOnlyCollection<NodeProcess> nodes)
    {
        List<(string Node, TcpProxy Proxy)> ways = [];
        Dictionary<string, string> behind = new(StringComparer.Ordinal);
        foreach (NodeProcess node in nodes)
        {
            string listens = node.Node.Environment["SIGNER_NODES_LISTEN"];
            TcpProxy proxy = TcpProxy.Before(listens);
            ways.Add((node.Name, proxy));
            node.Environment["SIGNER_NODES_ADDRESS"] = behind[listens] = proxy.Address;
        }

        foreach (NodeProcess node in nodes)
        {
            node.Environment[All] = string.Join(',', node.Node.Environment[All].Split(',').Select(address => behind[address]));
        }

        return ways;
    }
}
