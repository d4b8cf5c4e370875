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
        if (message is ToSeat asked)
        {
            IActorRef session = Sender;
            network.Send(node, asked, answer => session.Tell(answer, ActorRefs.NoSender));
        }
        else
        {
            Unhandled(message);
        }
    }
}
