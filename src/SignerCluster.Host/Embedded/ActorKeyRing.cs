using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Host.Embedded;

/// <summary>The key ring behind its actor. What was lost with an activation is asked again: every command of a ring may be repeated.</summary>
/// <param name="stopping">Fires when this process has handed over what it ran: no ring can be reached from here any more, and nobody must wait for one.</param>
internal sealed class ActorKeyRing(IActorRef ring, CancellationToken stopping) : IKeyRing
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

            await Task.Delay(TimeSpan.FromMilliseconds(10 << tries));
        }
    }

    private async Task<KeyRingAnswer> AskOnceAsync(KeyRingCommand command)
    {
        try
        {
            return await ring.Ask<KeyRingAnswer>(new ToKeyRing(command), _patience, stopping);
        }
        catch (OperationCanceledException stopped) when (stopping.IsCancellationRequested)
        {
            throw new JournalException(IKeyRing.StoppedCode, "The node is stopping, and the key ring cannot be asked any more.", isTransient: true, stopped);
        }
        catch (AskTimeoutException silent)
        {
            throw new JournalException("key_ring_unavailable", "The key ring does not answer.", isTransient: true, silent);
        }
    }
}
