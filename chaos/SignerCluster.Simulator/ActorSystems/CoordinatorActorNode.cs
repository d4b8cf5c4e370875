using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>A node that coordinates sessions and takes clients' requests, with actors.</summary>
internal sealed class CoordinatorActorNode(World world, Operator owner, string name, int number) : ActorNode(world, owner, name, number), ICoordinates
{
    public Task<CoordinatorAnswer?> AskAsync(CoordinatorAddress session, CoordinatorCommand command)
    {
        TaskCompletionSource<CoordinatorAnswer?> answer = new();
        ToSession asked = ToSession.Of(session, command, waits: command is CoordinatorCommand.Sign && World.ActorLimits.ClientWaits());
        if (Owner.Route(asked.To) is CoordinatorActorNode { IsServing: true } node)
        {
            node.Ask(asked, given => answer.TrySetResult(given));
        }
        else
        {
            answer.SetResult(null);
        }

        return answer.Task;
    }

    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        World simulated = World;
        CoordinatorParts parts = new(
            SystemSettings.Journal,
            System!.ActorOf(Links.Props((ActorNetwork)simulated.Network, this), "links"),
            group => simulated.Group.Standing(group, default),
            quarantine,
            new CoordinatorSettings { SessionExpiry = simulated.Limits.Participant.SessionExpiry, Seats = simulated.ActorLimits.Seats });
        Host(life, journal, id => RoastCoordinatorActor.Props(id, parts));
    }

    private protected override Task ResumeAsync()
    {
        Wake(EntityKind.RoastCoordinator);
        return Task.CompletedTask;
    }

    private void Ask(ToSession asked, Action<CoordinatorAnswer> learn)
    {
        long arrived = Owner.Ledger.VersionOf(asked.To);
        DateTimeOffset began = World.Now;
        Deliver(asked, new Asker((given, by) =>
        {
            FromSession answered = (FromSession)given;
            World.Trace.Note(Name, "answers", asked.Command, answered.Answer);
            World.Checks.SessionAnswered(new SessionExchange(
                this, asked.Session, arrived, asked.Command, answered.Answer, Owner.Ledger.Find(asked.Session), TurnWatch.Of(began, by?.Loaded)));
            if (answered.End is { } end)
            {
                World.Checks.Announced(asked.Session, RoastDecider.Status(end));
            }

            learn(answered.Answer);
        }));
    }
}
