using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Deciders;

/// <summary>A node whose entities are deciders in the simulator's own loop.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A crash abandons what the node is made of; only an orderly stop disposes it.")]
internal sealed class DeciderNode(World world, Operator owner, string name, int number) : Node(world, owner, name, number)
{
    private EntityHost? _entities;
    private NonceVault? _vault;

    internal override bool IsServing => _entities is not null;

    internal override void Give(IEntityMessage message, Action<object, TurnWatch> answer) => _entities!.Give(message, answer);

    private protected override void Forget() => (_entities, _vault) = (null, null);

    private protected override IKeyRing OpenRing(Incarnation life, DiskConnection store, Quarantine quarantine)
    {
        EntityHost ring = new(World, this, life, store, quarantine, static (host, _) => new RingEntity(host));
        return new SimulatedRing((message, take) => ring.Give(message, (given, _) => take((KeyRingAnswer)given)), life);
    }

    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        SeatParts? parts = Owner.Seat is null ? null : MakeSeatParts(life, quarantine, ActorRefs.Nobody);
        _vault = parts?.Vault;
        _entities = new EntityHost(
            World, this, life, journal, quarantine, (host, id) => parts is null ? new SessionEntity(id, host) : new SeatEntity(id, parts, host));
    }

    /// <summary>Wakes what a stop interrupted.</summary>
    private protected override async Task ResumeAsync()
    {
        string kind = Owner.Seat is null ? EntityKind.RoastCoordinator : EntityKind.SigningSession;
        await foreach ((EntityId id, _) in Keys!.Journal.ListOpenAsync(kind, CancellationToken.None))
        {
            _entities!.Give(new Wake(id));
        }
    }

    private protected override async Task StopAsync()
    {
        if (_entities is { } entities)
        {
            await entities.QuietAsync();
            _vault?.Dispose();
        }
    }
}
