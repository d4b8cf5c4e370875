using Akka.Actor;

namespace SignerCluster.Actors;

/// <summary>Makes actors by calling a function: what Akka makes of an expression is compiled anew for every actor.</summary>
public sealed class Produced<TActor>(Func<TActor> produce) : IIndirectActorProducer
    where TActor : ActorBase
{
    public Type ActorType => typeof(TActor);

    public ActorBase Produce() => produce();

    public void Release(ActorBase actor)
    {
    }
}
