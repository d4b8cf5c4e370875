using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>A node that holds a seat, with actors.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A crash abandons what the node is made of; only an orderly stop disposes it.")]
internal sealed class SeatActorNode(World world, Operator owner, string name, int number) : ActorNode(world, owner, name, number)
{
    private NonceVault? _vault;

    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        SeatParts parts = MakeSeatParts(life, quarantine, ActorRefs.Nobody);
        GuardianParts guardian = SystemSettings.Guardian(quarantine, life.Time);
        _vault = parts.Vault;
        Host(life, journal, (id, region) => id.Kind == EntityKind.Guardian
            ? GroupGuardianActor.Props(id, guardian)
            : SigningSessionActor.Props(id, parts with { Guardians = region }));
    }

    private protected override Task ResumeAsync()
    {
        Wake(EntityKind.SigningSession);
        return Task.CompletedTask;
    }

    private protected override async Task StopAsync()
    {
        await base.StopAsync();
        _vault?.Dispose();
    }
}
