using SignerCluster.Actors;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>A node that coordinates sessions, with actors.</summary>
internal sealed class CoordinatorActorNode(World world, Operator owner, string name, int number) : ActorNode(world, owner, name, number)
{
    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        World simulated = World;
        CoordinatorParts parts = new(
            SystemSettings.Journal,
            System!.ActorOf(Links.Props(simulated.Network, this), "links"),
            group => simulated.Group.Standing(group, default),
            quarantine,
            new CoordinatorSettings { SessionExpiry = simulated.Limits.SessionExpiry, Seats = simulated.Limits.Seats });
        Host(life, journal, id => RoastCoordinatorActor.Props(id, parts));
    }

    private protected override Task ResumeAsync()
    {
        Wake(EntityKind.RoastCoordinator);
        return Task.CompletedTask;
    }
}
