using SignerCluster.Actors;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.KeyRings;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A node whose entities are in mailboxes.</summary>
internal abstract class MailboxNode(World world, Operator owner, string name, int number) : Node(world, owner, name, number)
{
    internal sealed override bool IsServing => Mailboxes is not null;

    /// <summary>Null while the node is starting.</summary>
    internal Mailboxes? Mailboxes { get; private protected set; }

    private protected override void Forget() => Mailboxes = null;

    private protected sealed override IKeyRing OpenRing(Incarnation life, DiskConnection store, Quarantine quarantine) =>
        new MailboxRing(store, quarantine, life.Time, reader => RunSoon(life, reader));

    private protected Mailboxes Host(Incarnation life, string kind, Func<EntityId, IEntity> activate) => new(
        World.Limits.Mailboxes,
        life.Time,
        new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [kind] = id => new WatchedEntity(activate(id), World, this, life, id) },
        reader => RunSoon(life, reader));

    private void RunSoon(Incarnation life, IThreadPoolWorkItem reader) =>
        World.Scheduler.Post(life, static reader => ((IThreadPoolWorkItem)reader!).Execute(), reader);
}
