using SignerCluster.Frost;
using SignerCluster.Runtime;

namespace SignerCluster.Simulator;

/// <summary>One operator: a store, and the nodes that share it. Holds one seat, or coordinates.</summary>
internal sealed class Operator
{
    private readonly World _world;

    internal Operator(World world, string name, SeatId? seat)
    {
        _world = world;
        Name = name;
        Seat = seat;
        Ledger = new Ledger(world.Findings);
        Disk = new SimulatedDisk(world, this);
    }

    internal string Name { get; }

    /// <summary>Null for the coordinator.</summary>
    internal SeatId? Seat { get; }

    /// <summary>What is durable in the store, as the checkers noted it.</summary>
    internal Ledger Ledger { get; }

    internal SimulatedDisk Disk { get; }

    internal List<Node> Nodes { get; } = [];

    /// <summary>Which key-encryption key the operator's provider gives.</summary>
    internal int KeyVersion { get; set; } = 1;

    /// <summary>How often the provider was called.</summary>
    internal int Fetches { get; set; }

    /// <summary>The node that an engine sends requests for an entity to: always the same while both run, the other one while it is down. Null when none runs.</summary>
    internal Node? Route(EntityId id)
    {
        int preferred = Seat is null ? (int)(Digest.Of(id.ToString()) % (ulong)Nodes.Count) : 0;
        Node? chosen = Nodes[preferred].IsUp ? Nodes[preferred] : Nodes.Find(static node => node.IsUp);
        return chosen is not null && Nodes.Find(node => node != chosen && node.IsUp) is { } other && _world.Faults.Happens(FaultKind.Misrouted) ? other : chosen;
    }
}
