using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>Who asked an entity, from outside of its actor system: sees its answer in the step in which it leaves.</summary>
[SuppressMessage("Design", "MA0097", Justification = "Nobody compares these; Akka's base class is comparable.")]
internal sealed class Asker(Action<object, Activation?> take) : MinimalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "asker";

    public override IActorRefProvider Provider => throw new NotSupportedException("It belongs to no actor system.");

    /// <summary>The activation that the question was given to; null when it came to none.</summary>
    internal Activation? Asked { get; set; }

    protected override void TellInternal(object message, IActorRef sender) => take(message, Asked);
}

/// <summary>An entity in memory.</summary>
internal sealed class Activation(IActorRef actor)
{
    internal IActorRef Actor => actor;

    /// <summary>When its history was read; null while it was not.</summary>
    internal DateTimeOffset? Loaded { get; set; }
}
