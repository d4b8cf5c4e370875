using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>The key ring behind its actor, asked without Akka's Ask, which goes on on other threads. What was lost with an activation is asked again.</summary>
internal sealed class ActorRing(IActorRef ring, Incarnation life) : IKeyRing
{
    private const int Tries = 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public async ValueTask<KeyRingAnswer> AskAsync(KeyRingCommand command)
    {
        for (int tries = 1; ; tries++)
        {
            KeyRingAnswer answer = await AskOnceAsync(command);
            if (tries == Tries || answer is not KeyRingAnswer.Failed { Code: JournalException.ContendedCode or JournalException.EntityFailedCode })
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10 << tries), life.Time, CancellationToken.None);
        }
    }

    private Task<KeyRingAnswer> AskOnceAsync(KeyRingCommand command)
    {
        TaskCompletionSource<KeyRingAnswer> answer = new();
        ring.Tell(new ToKeyRing(command), new Asker((given, _) => answer.TrySetResult((KeyRingAnswer)given)));
        JournalException silent = new("key_ring_unavailable", "The key ring does not answer.", isTransient: true);
        life.PostOutOfContext(_patience, () => answer.TrySetException(silent));
        return answer.Task;
    }
}
