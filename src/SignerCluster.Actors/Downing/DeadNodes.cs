using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// The members of one actor system's cluster that were declared dead and are still members. <see cref="WitnessedFailureDetector"/> believes it; may be used by
/// all threads.
/// </summary>
public sealed class DeadNodes : IExtension
{
    // A failure detector is given its system's event stream and nothing else, so the system is found by that. Holds nothing of a system that is gone.
    private static readonly ConditionalWeakTable<EventStream, DeadNodes> _byEventStream = [];
    private ImmutableHashSet<UniqueAddress> _declared = [];

    private DeadNodes()
    {
    }

    public static DeadNodes Of(ActorSystem system) => system.WithExtension<DeadNodes, Provider>();

    /// <summary>Null before the system's own was asked for: then nobody in it declares anything.</summary>
    internal static DeadNodes? Of(EventStream events) => _byEventStream.TryGetValue(events, out DeadNodes? dead) ? dead : null;

    public void Declare(UniqueAddress member) => ImmutableInterlocked.Update(ref _declared, static (declared, member) => declared.Add(member), member);

    public bool Contains(UniqueAddress member) => Volatile.Read(ref _declared).Contains(member);

    /// <summary>Forgets who is no member any more: its address may be another incarnation's next.</summary>
    public void KeepOnly(IEnumerable<UniqueAddress> members)
    {
        if (!Volatile.Read(ref _declared).IsEmpty)
        {
            ImmutableInterlocked.Update(ref _declared, static (declared, members) => declared.Intersect(members), members);
        }
    }

    /// <summary>Is whoever has this address dead?</summary>
    internal bool Contains(string address) => Volatile.Read(ref _declared).Any(dead => dead.Address.ToString() == address);

    private sealed class Provider : ExtensionIdProvider<DeadNodes>
    {
        public override DeadNodes CreateExtension(ExtendedActorSystem system)
        {
            DeadNodes dead = new();
            _byEventStream.Add(system.EventStream, dead);
            return dead;
        }
    }
}
