using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>
/// The parent of a node's entities, in place of a region, which no seed can drive: makes an entity for the first message to it and again for the next one after
/// it ended, and stops the one that asks to leave. Keeps no message for later.
/// </summary>
internal sealed class Region(Func<EntityId, Props> activate, Dictionary<EntityId, Activation> activations) : UntypedActor
{
    private readonly Dictionary<IActorRef, EntityId> _ids = [];
    private Action? _emptied;
    private long _numbered;

    internal static Props Props(Func<EntityId, Props> activate, Dictionary<EntityId, Activation> activations) =>
        Akka.Actor.Props.Create(() => new Region(activate, activations));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IEntityMessage asked when _emptied is null:
                Give(asked);
                break;
            case Passivate leaving:
                Sender.Tell(leaving.StopMessage);
                break;
            case Terminated ended when _ids.Remove(ended.ActorRef, out EntityId id):
                activations.Remove(id);
                EndIfEmpty();
                break;
            case Empty empty:
                _emptied = empty.Emptied;
                foreach (Activation activation in activations.Values)
                {
                    activation.Actor.Tell(Stop.Instance);
                }

                EndIfEmpty();
                break;
            default:
                Context.System.DeadLetters.Tell(message, Sender);
                break;
        }
    }

    private void Give(IEntityMessage message)
    {
        if (!activations.TryGetValue(message.To, out Activation? activation))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{message.To.Kind}-{++_numbered}");
            IActorRef actor = Context.Watch(Context.ActorOf(activate(message.To), name));
            activations.Add(message.To, activation = new Activation(actor));
            _ids.Add(actor, message.To);
        }

        if (Sender is Asker asker)
        {
            asker.Asked = activation;
        }

        activation.Actor.Forward(message);
    }

    private void EndIfEmpty()
    {
        if (activations.Count == 0)
        {
            _emptied?.Invoke();
        }
    }

    /// <summary>Stops all entities and takes no more.</summary>
    internal sealed record Empty(Action Emptied);
}
