using System.Net;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Compose;

/// <summary>A service that is a node, with what it is told.</summary>
internal sealed record ComposeNode(string Name, Yaml Service, NodeSettings Settings)
{
    internal RoleSettings Role => Settings.Participant ?? (RoleSettings?)Settings.Coordinator!;
}

/// <summary>Holds the nodes of a compose file against each other: who reaches whom, and over which network.</summary>
internal sealed class PartyCheck(Yaml root, IReadOnlyList<ComposeNode> nodes)
{
    private readonly List<string> _findings = [];

    internal IReadOnlyList<string> Run()
    {
        foreach (ComposeNode node in nodes)
        {
            CheckOwnNetwork(node);
            if (node.Settings.Participant is { } participant)
            {
                CheckLinks(node, participant.Coordinators);
            }
        }

        return _findings;
    }

    /// <summary>The names of a service's networks, as a list or with addresses.</summary>
    internal static IReadOnlyList<string> NetworksOf(Yaml service) =>
        [.. service["networks"].Texts, .. service["networks"].Fields.Select(static field => field.Key)];

    /// <summary>A node listens for its party where nobody else can come, and its party agrees on who that is.</summary>
    private void CheckOwnNetwork(ComposeNode node)
    {
        ComposeNode[] party = [.. nodes.Where(other => other.Role.Party == node.Role.Party)];
        Expect(
            node.Role.Nodes.All.ToHashSet().SetEquals(party.Select(static other => other.Role.Nodes.Address)), node, "it does not know the nodes of its party");
        string listen = node.Role.Nodes.Listen.Address.ToString();
        string? own = node.Service["networks"].Fields.FirstOrDefault(network => network.Value["ipv4_address"].Text == listen).Key;
        Expect(own is not null && node.Role.Nodes.Address.Host == listen, node, "it listens for its party on no network of its own");
        if (own is not null)
        {
            Expect(root["networks"][own]["internal"].Text == "true", node, "its party's network has a way out");
            Expect(IsIn(listen, root["networks"][own]), node, $"{listen} is no address of the network {own}");
        }

        IEnumerable<string> fixedAt = node.Service["networks"].Fields.Where(static network => !network.Value.IsMissing).Select(static network => network.Key);
        Expect(
            !fixedAt.Any(network => nodes.Any(other => other.Role.Party != node.Role.Party && NetworksOf(other.Service).Contains(network))),
            node,
            "its party's network has a node of another party");
    }

    private static bool IsIn(string address, Yaml network) => network["ipam"]["config"].Items.Any(config =>
        IPNetwork.TryParse(config["subnet"].Text, out IPNetwork subnet) && subnet.Contains(IPAddress.Parse(address)));

    /// <summary>A participant dials every node of the coordinators, and each of them listens there.</summary>
    private void CheckLinks(ComposeNode node, IReadOnlyList<DnsEndPoint> dialled)
    {
        ComposeNode[] coordinators = [.. nodes.Where(static other => other.Settings.Coordinator is not null)];
        foreach (ComposeNode coordinator in coordinators)
        {
            DnsEndPoint address = new(coordinator.Name, coordinator.Settings.Coordinator!.LinkListen.Port);
            Expect(dialled.Contains(address), node, $"it does not dial {address.Host}:{address.Port}");
            Expect(
                NetworksOf(node.Service).Contains("links") && NetworksOf(coordinator.Service).Contains("links"),
                node,
                $"it shares no network for links with {coordinator.Name}");
        }

        foreach (DnsEndPoint address in dialled)
        {
            IPEndPoint listen = new(IPAddress.Any, address.Port);
            Expect(
                coordinators.Any(coordinator => coordinator.Name == address.Host && coordinator.Settings.Coordinator!.LinkListen.Equals(listen)),
                node,
                $"nothing accepts links at {address.Host}:{address.Port}");
        }
    }

    private void Expect(bool holds, ComposeNode node, string finding)
    {
        if (!holds)
        {
            _findings.Add($"{node.Name}: {finding}");
        }
    }
}
