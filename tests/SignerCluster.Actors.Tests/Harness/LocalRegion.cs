using System.Collections.Concurrent;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>
/// What a shard is to its entities, without a cluster: makes an activation for the first message to an id, keeps back what comes while one passivates, and
/// loses what comes while one ends by itself.
/// </summary>
internal sealed class LocalRegion
{
    private readonly ConcurrentQueue<(EntityId Id, IActorRef Entity)> _activations = new();
    private readonly ConcurrentQueue<EntityId> _passivated = new();

    private LocalRegion()
    {
    }

    internal IActorRef Ref { get; private set; } = ActorRefs.Nobody;

    /// <summary>Every activation that was ever made.</summary>
    internal IReadOnlyCollection<(EntityId Id, IActorRef Entity)> Activations => _activations;

    /// <summary>Who asked to leave memory.</summary>
    internal IReadOnlyCollection<EntityId> Passivated => _passivated;

    /// <summary>The newest activation.</summary>
    internal IActorRef Newest => _activations.Last().Entity;

    internal static LocalRegion Start(ActorSystem system, Func<EntityId, Props> activate)
    {
        LocalRegion region = new();
        region.Ref = system.ActorOf(Props.Create(() => new Parent(region, activate)));
        return region;
    }

    private sealed class Parent(LocalRegion region, Func<EntityId, Props> activate) : UntypedActor
    {
        private readonly Dictionary<EntityId, IActorRef> _entities = [];
        private readonly Dictionary<IActorRef, List<(object Message, IActorRef Sender)>> _leaving = [];

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case IEntityMessage asked:
                    Deliver(asked.To, asked, Sender);
                    break;
                case Akka.Cluster.Sharding.Passivate passivate when _leaving.TryAdd(Sender, []):
                    region._passivated.Enqueue(_entities.First(entity => entity.Value.Equals(Sender)).Key);
                    Sender.Tell(passivate.StopMessage);
                    break;
                case Terminated ended:
                    Forget(ended.ActorRef);
                    break;
            }
        }

        private void Deliver(EntityId id, object message, IActorRef sender)
        {
            if (!_entities.TryGetValue(id, out IActorRef? entity))
            {
                entity = _entities[id] = Context.Watch(Context.ActorOf(activate(id)));
                region._activations.Enqueue((id, entity));
            }

            if (_leaving.TryGetValue(entity, out List<(object Message, IActorRef Sender)>? kept))
            {
                kept.Add((message, sender));
            }
            else
            {
                entity.Tell(message, sender);
            }
        }

        private void Forget(IActorRef ended)
        {
            EntityId id = _entities.First(entity => entity.Value.Equals(ended)).Key;
            _entities.Remove(id);
            _leaving.Remove(ended, out List<(object Message, IActorRef Sender)>? kept);
            kept?.ForEach(message => Deliver(id, message.Message, message.Sender));
        }
    }
}
