using SignerCluster.Frost;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Workbench.Cluster;

/// <summary>One operator of a development cluster.</summary>
internal sealed record ClusterParty(string Name, bool IsCoordinator)
{
    internal string Role => IsCoordinator ? "coordinator" : "participant";
}

/// <summary>One node of a plan, and the ports of loopback that it listens on.</summary>
/// <param name="Port">For HTTP.</param>
internal sealed record PlannedNode(ClusterParty Party, string Name, int Port)
{
    /// <summary>The highest number that is added to a port.</summary>
    internal const int Highest = 4000;

    /// <summary>For the other nodes of its party.</summary>
    internal int ClusterPort => Port + 2000;

    /// <summary>For links, on a coordinator's node.</summary>
    internal int LinkPort => Port + Highest;
}

/// <summary>What a new cluster is to be: one coordinating party with some nodes, and one party with some nodes for each seat.</summary>
internal sealed record ClusterPlan(int Participants, int Threshold, int Coordinators, int ParticipantNodes, int HttpPort)
{
    private const int MaximumNodes = 10;

    /// <summary>Participants listen this far above the coordinators.</summary>
    private const int ParticipantPorts = 10;

    private static readonly string[] _names =
    [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kevin", "laura", "mike",
        "niaj", "olivia", "peggy", "quinn", "rupert", "sybil", "trent", "ursula", "victor", "walter", "xavier", "yvonne", "zoe",
    ];

    /// <summary>What its coordinators take covenant jobs by; null to take none. The file may come later: until then it is a registry that is out.</summary>
    internal RegistrySettings? Registry { get; init; }

    internal static ClusterParty Coordinator { get; } = new("coordinator", IsCoordinator: true);

    /// <summary>The coordinator first, then the participants in the order of their seats.</summary>
    internal IReadOnlyList<ClusterParty> Parties =>
        [Coordinator, .. Enumerable.Range(0, Participants).Select(static seat => new ClusterParty(NameOf(seat), IsCoordinator: false))];

    /// <summary>Throws <see cref="UsageException"/> that names the option and the rule.</summary>
    internal void ThrowIfInvalid()
    {
        if (Threshold < 1 || Threshold > Participants || Participants > SeatId.MaxCount)
        {
            throw new UsageException(
                "threshold_out_of_range",
                $"--threshold {Threshold} --participants {Participants}: the rule is 1 ≤ threshold ≤ participants ≤ {SeatId.MaxCount}.");
        }

        if (Coordinators is < 1 or > MaximumNodes || ParticipantNodes is < 1 or > MaximumNodes)
        {
            throw new UsageException(
                "cluster_out_of_range", $"--coordinators {Coordinators} --participant-nodes {ParticipantNodes}: each is 1..{MaximumNodes}.");
        }

        int last = HttpPort + ParticipantPorts + (Participants * ParticipantNodes) - 1;
        if (HttpPort < 1024 || last + PlannedNode.Highest > ushort.MaxValue || last >= HttpPort + 2000)
        {
            throw new UsageException(
                "cluster_out_of_range",
                $"--http-port {HttpPort}: the nodes need the ports {HttpPort}..{last} and those 2000 and 4000 above them, and the rule is "
                    + $"1024..{ushort.MaxValue}.");
        }
    }

    /// <summary>All nodes with their ports: coordinators from <see cref="HttpPort"/> on, participants from ten above it.</summary>
    internal IEnumerable<PlannedNode> Nodes()
    {
        for (int node = 0; node < Coordinators; node++)
        {
            yield return new PlannedNode(Coordinator, $"{Coordinator.Name}-{node + 1}", HttpPort + node);
        }

        for (int node = 0; node < Participants * ParticipantNodes; node++)
        {
            ClusterParty party = Parties[1 + (node % Participants)];
            yield return new PlannedNode(party, $"{party.Name}-{1 + (node / Participants)}", HttpPort + ParticipantPorts + node);
        }
    }

    private static string NameOf(int seat) => seat < _names.Length ? _names[seat] : $"p{seat + 1}";
}
