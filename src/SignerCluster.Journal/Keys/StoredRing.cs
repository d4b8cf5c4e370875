using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Keys;

/// <summary>The ring as its history in a store says, for those who only look. It can be shown and nothing else.</summary>
public sealed class StoredRing(IJournalStore store) : IKeyRing
{
    public async ValueTask<KeyRingAnswer> AskAsync(KeyRingCommand command)
    {
        if (command is not KeyRingCommand.Show)
        {
            throw new InvalidOperationException($"{command.GetType().Name} was asked of a ring that is only looked at.");
        }

        try
        {
            (KeyRingState ring, _) = await History.LoadAsync(
                store, EntityAddress.KeyRing, KeyRingState.Empty, KeyRingDecider.Decider.Evolve, KeyRingCodec.Events, CancellationToken.None);
            return new KeyRingAnswer.Granted(ring);
        }
        catch (UnreadableHistoryException unreadable)
        {
            return new KeyRingAnswer.Refused(unreadable.ToRefusal());
        }
    }
}
