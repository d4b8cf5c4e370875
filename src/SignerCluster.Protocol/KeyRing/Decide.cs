using System.Diagnostics;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.KeyRing.KeyRingEvent, SignerCluster.Protocol.KeyRing.KeyRingEffect, SignerCluster.Protocol.KeyRing.KeyRingState>;

namespace SignerCluster.Protocol.KeyRing;

/// <summary>
/// The ring of data keys of one journal, and the order of their epochs. An activation and the appends around it are ordered by the store, which
/// refuses in its own transaction what is sealed under an earlier epoch; so a rotation waits for nobody and no row is ever sealed with a stale key (K1).
/// </summary>
public static class KeyRingDecider
{
    public static Decider<KeyRingState, KeyRingCommand, KeyRingEvent, KeyRingEffect, KeyRingState> Decider { get; } =
        new(Decide, Evolve, static _ => [], static state => state.Keys.Any(static key => key.Phase == KeyPhase.Superseded));

    public static Decision Decide(KeyRingState ring, KeyRingCommand command) => command switch
    {
        KeyRingCommand.Rotate rotate => Rotate(ring, rotate),
        KeyRingCommand.ReserveMessages reserve => Reserve(ring, reserve),
        KeyRingCommand.Retire retire => Retire(ring, retire),
        KeyRingCommand.Rewrap rewrap => Rewrap(ring, rewrap),
        KeyRingCommand.Show => Decision.Accept(ring),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    public static KeyRingState Evolve(KeyRingState ring, KeyRingEvent @event) => @event switch
    {
        KeyRingEvent.KeyAdded added when added.Epoch == ring.NextEpoch && (ring.WrappedUnder ?? added.WrappedUnder) == added.WrappedUnder
            => new KeyRingState(added.WrappedUnder, [.. ring.Keys, new RingKey(added.Epoch, added.Id, added.Wrapped, KeyPhase.Added, 0)]),
        KeyRingEvent.KeyActivated activated when ring.Find(activated.Epoch) is { Phase: KeyPhase.Added }
            => Activate(ring, activated.Epoch),
        KeyRingEvent.KeyRetired retired when ring.Find(retired.Epoch) is { Phase: KeyPhase.Superseded }
            => ring.With(retired.Epoch, static key => key with { Phase = KeyPhase.Retired, Wrapped = ByteString.Empty }),
        KeyRingEvent.MessagesReserved reserved when ring.Find(reserved.Epoch) is { Phase: KeyPhase.Active } key && reserved.UpTo > key.MessagesReserved
            => ring.With(reserved.Epoch, active => active with { MessagesReserved = reserved.UpTo }),
        KeyRingEvent.KeysRewrapped rewrapped when IsAllOf(ring, rewrapped.Keys)
            => rewrapped.Keys.Aggregate(
                ring with { WrappedUnder = rewrapped.WrappedUnder }, static (next, key) => next.With(key.Epoch, old => old with { Wrapped = key.Wrapped })),
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot happen to a ring of {ring.Keys.Count} keys."),
    };

    private static KeyRingState Activate(KeyRingState ring, int epoch) => ring with
    {
        Keys = [.. ring.Keys.Select(key => key switch
        {
            _ when key.Epoch == epoch => key with { Phase = KeyPhase.Active },
            { Phase: KeyPhase.Added or KeyPhase.Active } when key.Epoch < epoch => key with { Phase = KeyPhase.Superseded },
            _ => key,
        })],
    };

    private static Decision Rotate(KeyRingState ring, KeyRingCommand.Rotate rotate) => rotate switch
    {
        _ when rotate.Epoch != ring.NextEpoch => Decision.Refuse(KeyRingRefusals.EpochTaken(rotate.Epoch, ring.NextEpoch)),
        _ when ring.WrappedUnder is { } wrappedUnder && wrappedUnder != rotate.WrappedUnder =>
            Decision.Refuse(KeyRingRefusals.Mismatch(wrappedUnder, rotate.WrappedUnder)),
        _ when ring.Keys.Any(known => known.Id == rotate.Id) => Decision.Refuse(KeyRingRefusals.Repeated(rotate.Id)),
        _ => Accept(
            ring,
            new KeyRingEvent.KeyAdded(rotate.Epoch, rotate.Id, rotate.WrappedUnder, rotate.Wrapped),
            new KeyRingEvent.KeyActivated(rotate.Epoch),
            new KeyRingEvent.MessagesReserved(rotate.Epoch, rotate.Reserve)),
    };

    private static Decision Reserve(KeyRingState ring, KeyRingCommand.ReserveMessages reserve) => ring.Active switch
    {
        null => Decision.Refuse(KeyRingRefusals.EpochStale(reserve.Epoch, 0)),
        { } active when active.Epoch != reserve.Epoch => Decision.Refuse(KeyRingRefusals.EpochStale(reserve.Epoch, active.Epoch)),
        { } active when reserve.Count > reserve.Limit - active.MessagesReserved => Decision.Refuse(KeyRingRefusals.Exhausted(reserve.Limit)),
        { } active => Accept(ring, new KeyRingEvent.MessagesReserved(active.Epoch, active.MessagesReserved + reserve.Count)),
    };

    private static Decision Retire(KeyRingState ring, KeyRingCommand.Retire retire) => ring.Find(retire.Epoch)?.Phase switch
    {
        null => Decision.Refuse(KeyRingRefusals.EpochUnknown(retire.Epoch)),
        KeyPhase.Retired => Decision.Accept(ring),
        KeyPhase.Superseded when retire.NeededBy == 0 => Accept(ring, new KeyRingEvent.KeyRetired(retire.Epoch)),
        _ => Decision.Refuse(KeyRingRefusals.InUse(retire.Epoch, retire.NeededBy)),
    };

    private static Decision Rewrap(KeyRingState ring, KeyRingCommand.Rewrap rewrap) => rewrap switch
    {
        _ when ring.WrappedUnder != rewrap.From => Decision.Refuse(KeyRingRefusals.Mismatch(ring.WrappedUnder, rewrap.From)),
        _ when rewrap.To == rewrap.From => Decision.Accept(ring),
        _ when !IsAllOf(ring, rewrap.Keys) => Decision.Refuse(KeyRingRefusals.EpochTaken(ring.NextEpoch, ring.NextEpoch)),
        _ => Accept(ring, new KeyRingEvent.KeysRewrapped(rewrap.To, rewrap.Keys)),
    };

    private static bool IsAllOf(KeyRingState ring, IReadOnlyList<WrappedKey> keys) =>
        ring.Needed.Select(static key => key.Epoch).SequenceEqual(keys.Select(static key => key.Epoch));

    private static Decision Accept(KeyRingState ring, params IReadOnlyList<KeyRingEvent> events) =>
        Decision.Accept(events.Aggregate(ring, Evolve), events);
}
