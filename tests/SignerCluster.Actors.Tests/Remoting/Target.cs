using Akka.Actor;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Counts what it was told, and how often it began.</summary>
internal sealed class Target(Target.Seen seen) : UntypedActor
{
    internal static Props Props(Seen seen) => Akka.Actor.Props.CreateBy(new Produced<Target>(() => new Target(seen)));

    protected override void PreStart() => Interlocked.Increment(ref seen.Starts);

    protected override void OnReceive(object message) => Interlocked.Increment(ref seen.Messages);

    internal sealed class Seen
    {
        internal int Starts;
        internal int Messages;
    }
}
