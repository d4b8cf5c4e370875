using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>The key ring behind its entity. What was lost with an activation is asked again.</summary>
internal sealed class SimulatedRing(Action<ToKeyRing, Action<KeyRingAnswer>> ask, Incarnation life) : IKeyRing
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
        ask(new ToKeyRing(command), given => answer.TrySetResult(given));
        JournalException silent = new("key_ring_unavailable", "The key ring does not answer.", isTransient: true);
        life.PostOutOfContext(_patience, () => answer.TrySetException(silent));
        return answer.Task;
    }
}
