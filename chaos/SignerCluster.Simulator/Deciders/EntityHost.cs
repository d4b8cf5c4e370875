using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Deciders;

/// <summary>Entities of one life of a node, over one journal: makes one for the first message to it, and again after it has left.</summary>
internal sealed class EntityHost(World world, Node node, Incarnation life, IJournal journal, Quarantine quarantine, Func<EntityHost, EntityId, IEntity> make)
{
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(10);
    private readonly Dictionary<EntityId, IEntity> _entities = [];

    internal World World => world;

    internal Node Node => node;

    internal Incarnation Life => life;

    internal IJournal Journal => journal;

    internal Quarantine Quarantine => quarantine;

    internal void Give(IEntityMessage message, Action<object, TurnWatch>? answer = null)
    {
        if (!_entities.TryGetValue(message.To, out IEntity? entity))
        {
            _entities.Add(message.To, entity = make(this, message.To));
        }

        entity.Take(message, answer);
    }

    /// <summary>The activation takes no more messages.</summary>
    internal void Leave(EntityId id) => _entities.Remove(id);

    /// <summary>Lets an entity whose activation failed be taken up again after a pause.</summary>
    internal void WakeSoon(EntityId id) => world.Scheduler.PostIn(_pauseAfterFailure, life, () => Give(new Wake(id)));

    /// <summary>Returns when nothing is being handled.</summary>
    internal async Task QuietAsync()
    {
        while (_entities.Values.Any(static entity => entity.IsBusy))
        {
            await Task.Delay(_glance, life.Time, CancellationToken.None);
        }
    }
}
