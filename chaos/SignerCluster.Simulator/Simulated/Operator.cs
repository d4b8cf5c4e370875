using SignerCluster.Frost;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

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

    /// <summary>Which key-encryption key the ring is wrapped under, as <c>keys status</c> would tell the operator.</summary>
    internal int RingKeyVersion { get; private set; } = 1;

    /// <summary>The life of the node that is putting the ring under another key; null while none is.</summary>
    internal Incarnation? Rewrapping { get; set; }

    /// <summary>When entities were last restored after a damage.</summary>
    internal Dictionary<EntityId, DateTimeOffset> Healed { get; } = [];

    /// <summary>The operator's key-encryption key of a version. The caller disposes it.</summary>
    internal KeyEncryptionKey KeyOf(int version)
    {
        byte[] key32 = new byte[KeyEncryptionKey.Length];
        Choices.For(version, Name).Fill(key32);
        return KeyEncryptionKey.Take(key32);
    }

    internal void NoteRewrapped(KeyId under)
    {
        for (int version = RingKeyVersion; version <= KeyVersion + 1; version++)
        {
            using KeyEncryptionKey key = KeyOf(version);
            RingKeyVersion = key.Id == under ? version : RingKeyVersion;
        }
    }

    /// <summary>
    /// The node that an engine sends requests for an entity to: always the same while both run, the other one while it is down. Null when none runs.
    /// </summary>
    internal Node? Route(EntityId id)
    {
        int preferred = Seat is null ? (int)(Digest.Of(id.ToString()) % (ulong)Nodes.Count) : 0;
        Node? chosen = Nodes[preferred].IsUp ? Nodes[preferred] : Nodes.Find(static node => node.IsUp);
        return chosen is not null && Nodes.Find(node => node != chosen && node.IsUp) is { } other && _world.Faults.Happens(FaultKind.Misrouted)
            ? other
            : chosen;
    }
}
