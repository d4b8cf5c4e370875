using Akka.Actor;
using SignerCluster.Actors.Messages;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>What a coordinator's sessions reach the seats through.</summary>
internal sealed class Links(ActorNetwork network, ActorNode node) : UntypedActor
{
    internal static Props Props(ActorNetwork network, ActorNode node) => Akka.Actor.Props.Create(() => new Links(network, node));

    protected override void OnReceive(object message)
    {
        if (message is ToSeat asked)
        {
            network.Send(node, asked, Sender);
        }
        else
        {
            Unhandled(message);
        }
    }
}
