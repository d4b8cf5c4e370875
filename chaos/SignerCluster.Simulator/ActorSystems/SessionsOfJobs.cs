using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>What a node's covenant jobs reach the sessions of their party through, on whatever node those are.</summary>
internal sealed class SessionsOfJobs(World world, ActorNode node) : UntypedActor
{
    internal static Props Props(World world, ActorNode node) => Akka.Actor.Props.Create(() => new SessionsOfJobs(world, node));

    protected override void OnReceive(object message)
    {
        IActorRef asker = Sender;
        if (message is ToSession asked && !world.Faults.Happens(FaultKind.RequestLost))
        {
            world.Network.TryAsk(asked, answer => Return(asker, new FromSession(answer)));
        }
    }

    private void Return(IActorRef asker, FromSession answer)
    {
        if (!world.Faults.Happens(FaultKind.ReplyLost))
        {
            world.Scheduler.Post(node.Life, () => asker.Tell(answer, ActorRefs.NoSender));
        }
    }
}
