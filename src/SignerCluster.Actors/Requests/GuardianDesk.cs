using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Requests;

/// <summary>Asks guardians of one party. Every command may be repeated, so what was lost with an activation is asked of the next one.</summary>
public sealed class GuardianDesk(IActorRef guardians, TimeProvider time)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _oneAnswer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What became of a command; <c>answer_timeout</c> when no guardian answered within five seconds.</summary>
    public async Task<FromGuardian> AskAsync(GuardianAddress guardian, GuardianCommand command, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        FromGuardian last = new(new GuardianAnswer.Failed("answer_timeout", IsTransient: true));
        while (time.GetElapsedTime(begun) < _patience)
        {
            last = await TryAskAsync(new ToGuardian(guardian, command), cancellation) ?? last;
            if (last.Answer is not GuardianAnswer.Failed { Code: JournalException.ContendedCode or JournalException.EntityFailedCode or "answer_timeout" })
            {
                break;
            }

            await Task.Delay(_pause, time, cancellation);
        }

        return last;
    }

    private async Task<FromGuardian?> TryAskAsync(ToGuardian question, CancellationToken cancellation)
    {
        try
        {
            return await guardians.Ask<FromGuardian>(question, _oneAnswer, cancellation);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
