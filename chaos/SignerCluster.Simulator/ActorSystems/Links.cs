using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>What a coordinator's sessions reach the seats through.</summary>
internal sealed class Links(Network network, ActorNode node) : UntypedActor
{
    internal static Props Props(Network network, ActorNode node) => Akka.Actor.Props.Create(() => new Links(network, node));

    protected override void OnReceive(object message)
    {
        IActorRef asker = Sender;
        switch (message)
        {
            case ToSeat asked:
                network.Send(node, asked, answer => asker.Tell(answer, ActorRefs.NoSender));
                break;
            case ToGuardian told:
                network.Send(node, told, answer => asker.Tell(answer, ActorRefs.NoSender));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
