using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>Asks whether an entity's last row is still this one, on behalf of who waits for an activation that ends.</summary>
internal readonly record struct HeadProof(ActorSystem System, IActorRef Journal, string PersistenceId, long Version)
{
    /// <summary>Asks once, and outlives whoever asks. Not the head also when the journal does not say.</summary>
    internal void Ask(Action<bool> tell)
    {
        HeadProof proof = this;
        System.ActorOf(Props.CreateBy(new Produced<Asking>(() => new Asking(proof, tell))));
    }

    private sealed class Asking : UntypedActor
    {
        private readonly HeadProof _proof;
        private readonly Action<bool> _tell;

        internal Asking(HeadProof proof, Action<bool> tell)
        {
            (_proof, _tell) = (proof, tell);
            proof.Journal.Tell(new ReplayMessages(HeadQuestion.From, 0, 0, proof.PersistenceId, Self));
        }

        protected override void OnReceive(object message)
        {
            if (message is RecoverySuccess or ReplayMessagesFailure)
            {
                _tell(message is RecoverySuccess head && head.HighestSequenceNr == _proof.Version);
                Context.Stop(Self);
            }
        }
    }
}
