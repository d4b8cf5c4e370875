using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>Asks a key ring and turns its answers into rings, refusals and faults.</summary>
internal sealed class RingClient(IKeyRing ring)
{
    /// <summary>
    /// The ring as it is after the command, or why not. Throws <see cref="JournalException"/> when the ring could not be read or written, or is unreadable.
    /// </summary>
    internal async ValueTask<(KeyRingState? Ring, Refusal? Refusal)> AskAsync(KeyRingCommand command) => await ring.AskAsync(command) switch
    {
        KeyRingAnswer.Granted granted => (granted.Ring, null),
        KeyRingAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode } refused =>
            throw new JournalException("key_ring_unreadable", refused.Refusal.Message, isTransient: false),
        KeyRingAnswer.Refused refused => (null, refused.Refusal),
        KeyRingAnswer.Failed failed => throw new JournalException(failed.Code, "The journal failed while the key ring was asked.", failed.IsTransient),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    internal async ValueTask<KeyRingState> ShowAsync() =>
        (await AskAsync(new KeyRingCommand.Show())).Ring ?? throw new System.Diagnostics.UnreachableException("A ring never refuses to be shown.");
}
