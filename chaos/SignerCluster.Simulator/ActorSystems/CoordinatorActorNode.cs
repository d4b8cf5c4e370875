using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.CovenantJobs;
using SignerCluster.Actors.Guardians;
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
        IActorRef links = System!.ActorOf(Links.Props(simulated.Network, this), "links");
        GuardianParts guardian = SystemSettings.Guardian(quarantine, life.Time) with
        {
            Seats = links,
            SizeOf = _ => (simulated.Group.Public.Participants, simulated.Group.Public.Threshold),
        };
        CoordinatorSettings settings = new() { SessionExpiry = simulated.Limits.SessionExpiry, Seats = simulated.Limits.Seats };
        JobParts jobs = new(
            SystemSettings.Journal,
            System.ActorOf(SessionsOfJobs.Props(simulated, this), "sessions-of-jobs"),
            group => simulated.Group.Standing(group, default),
            simulated.Registry,
            quarantine,
            life.Time)
        {
            Decisions = static () => ActorRefs.Nobody,
        };
        Host(life, journal, (id, region) => id.Kind switch
        {
            EntityKind.Guardian => GroupGuardianActor.Props(id, guardian),
            EntityKind.CovenantJob or EntityKind.JobDecision => (jobs with { Decisions = () => region }).PropsOf(id),
            _ => RoastCoordinatorActor.Props(
                id, new(SystemSettings.Journal, links, region, group => simulated.Group.Standing(group, default), quarantine, settings)),
        });
    }

    private protected override Task ResumeAsync()
    {
        Wake(EntityKind.RoastCoordinator);
        if (World.Orchestrators.AreOn)
        {
            Wake(EntityKind.CovenantJob);
        }

        return Task.CompletedTask;
    }
}
