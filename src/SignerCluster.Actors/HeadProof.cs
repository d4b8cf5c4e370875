using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>Asks for the head of an entity whose activation ends, on behalf of who still waits for its answer.</summary>
internal static class HeadProof
{
    /// <summary>Asks once and tells the number of the entity's last row; null when the journal does not say.</summary>
    internal static void Ask(ActorSystem system, IActorRef journal, string persistenceId, Action<long?> tell) =>
        system.ActorOf(Props.CreateBy(new Produced<Asking>(() => new Asking(journal, persistenceId, tell))));

    private sealed class Asking : UntypedActor
    {
        private readonly Action<long?> _tell;

        internal Asking(IActorRef journal, string persistenceId, Action<long?> tell)
        {
            _tell = tell;
            journal.Tell(new ReplayMessages(HeadQuestion.From, 0, 0, persistenceId, Self));
        }

        protected override void OnReceive(object message)
        {
            if (message is RecoverySuccess or ReplayMessagesFailure)
            {
                _tell((message as RecoverySuccess)?.HighestSequenceNr);
                Context.Stop(Self);
            }
        }
    }
}
