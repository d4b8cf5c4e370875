using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.KeyRings;

/// <summary>
/// The key ring of one journal: one history, kept unsealed in the very journal whose keys it holds, so that an activation and the appends around it are ordered
/// by one store. Writes through a plugin instance of its own: appends that wait for a key stand in the other's queue.
/// </summary>
public sealed class KeyRingActor : EventSourcedActor<KeyRingState, KeyRingCommand, KeyRingEvent, KeyRingEffect, KeyRingState>
{
    private KeyRingActor(string journal, Quarantine quarantine)
        : base(
            new(EntityAddress.KeyRing, KeyRingState.Empty, KeyRingDecider.Decider, KeyRingCodec.Events, NoSecrets<KeyRingCommand>.Keeper, quarantine, journal)
            {
                ActiveKeyEpoch = static ring => ring.Active?.Epoch ?? 0,
            })
    {
    }

    /// <param name="journal">The id of the plugin that writes rings.</param>
    public static Props Props(string journal, Quarantine quarantine) =>
        Akka.Actor.Props.CreateBy(new Produced<KeyRingActor>(() => new KeyRingActor(journal, quarantine)));

    /// <summary>What is told of a verdict.</summary>
    public static KeyRingAnswer ToAnswer(Verdict<KeyRingState> verdict) => verdict switch
    {
        Verdict<KeyRingState>.Granted granted => new KeyRingAnswer.Granted(granted.Reply),
        Verdict<KeyRingState>.Refused refused => new KeyRingAnswer.Refused(refused.Refusal),
        Verdict<KeyRingState>.Failed failed => new KeyRingAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new UnreachableException(),
    };

    protected override IReadOnlyList<Func<KeyRingCommand>>? Read(object message) => message is ToKeyRing asked ? [() => asked.Command] : null;

    protected override void Run(KeyRingEffect effect) => throw new UnreachableException("A ring has no effects.");

    protected override void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<KeyRingState>> verdicts) =>
        asker.Tell(ToAnswer(verdicts[0]), ActorRefs.NoSender);
}
