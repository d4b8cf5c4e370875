using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>A journal that knows how long a history is and never gives its end.</summary>
public sealed class ForgetfulJournal : MemoryJournal
{
    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback) =>
        base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr - 1, max, recoveryCallback);
}
