using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.SBR;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// Decides which members a cluster goes on without: a killed process is downed as soon as its lock at the database is gone and its port refuses; frozen and
/// partitioned ones are the split-brain resolver's. Named by <c>akka.cluster.downing-provider-class</c>; the actor system needs a
/// <see cref="NodeLocksSetup"/>.
/// </summary>
public sealed class DatabaseLockDowning(ActorSystem system, Cluster cluster) : IDowningProvider
{
    // Whoever was downed wrongly, and still writes, is refused by the journal.
    public TimeSpan DownRemovalMargin => TimeSpan.Zero;

    public Props DowningActorProps
    {
        get
        {
            NodeLocksSetup setup = system.Settings.Setup.Get<NodeLocksSetup>().Value
                ?? throw new InvalidOperationException("The actor system was not given the locks of its nodes.");
            Props resolver = new SplitBrainResolverProvider(system, cluster).DowningActorProps;
            Props watcher = LockWatcher.Props(setup, cluster);
            return Props.CreateBy(new Produced<Deciders>(() => new Deciders(resolver, watcher)));
        }
    }

    /// <summary>
    /// Keeps the two apart, so that a fault of one neither stops the other nor reaches the cluster's own actors, which would leave the cluster.
    /// </summary>
    private sealed class Deciders(Props resolver, Props watcher) : UntypedActor
    {
        protected override void PreStart()
        {
            Context.ActorOf(resolver, "resolver");
            Context.ActorOf(watcher, "watcher");
        }

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
