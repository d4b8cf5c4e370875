using System.Diagnostics;
using SignerCluster.Actors;
using SignerCluster.Actors.KeyRings;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Simulator.Deciders;

/// <summary>The key ring of a store.</summary>
internal sealed class RingEntity(EntityHost host) : Entity<KeyRingState, KeyRingCommand, KeyRingEvent, KeyRingEffect, KeyRingState>(
    EntityAddress.KeyRing, KeyRingState.Empty, KeyRingDecider.Decider, KeyRingCodec.Events, NoSecrets<KeyRingCommand>.Keeper, host)
{
    protected override IReadOnlyList<Func<KeyRingCommand>>? Read(object message) => message is ToKeyRing asked ? [() => asked.Command] : null;

    protected override void Run(KeyRingEffect effect) => throw new UnreachableException("A ring has no effects.");

    protected override void Answer(object message, IReadOnlyList<Verdict<KeyRingState>> verdicts, Action<object> tell)
    {
        if (message is ToKeyRing)
        {
            tell(KeyRingActor.ToAnswer(verdicts[0]));
        }
    }

    protected override bool Rest() => false;

    protected override int ActiveKeyEpoch(KeyRingState state) => state.Active?.Epoch ?? 0;
}
