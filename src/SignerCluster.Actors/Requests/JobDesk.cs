using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors.Requests;

/// <summary>Asks covenant jobs of one party. Every command may be repeated, so what was lost with an activation is asked of the next one.</summary>
public sealed class JobDesk(IActorRef jobs, TimeProvider time)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _oneAnswer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestSlice = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>What became of a command; <c>answer_timeout</c> when no job answered within five seconds.</summary>
    /// <param name="wait">How long an open job is waited for; then it is pending.</param>
    public async Task<JobAnswer> AskAsync(JobAddress job, JobCommand command, TimeSpan wait, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        for (TimeSpan left = wait; left > TimeSpan.Zero; left = wait - time.GetElapsedTime(begun))
        {
            JobAnswer? end = await TryAskAsync(new ToJob(job, command, Waits: true), left < _longestSlice ? left : _longestSlice, cancellation);
            if (end is not null && !IsPassing(end))
            {
                return end;
            }
        }

        return await RepeatAsync(new ToJob(job, command), cancellation);
    }

    private async Task<JobAnswer> RepeatAsync(ToJob question, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        JobAnswer last = new JobAnswer.Failed("answer_timeout", IsTransient: true);
        while (time.GetElapsedTime(begun) < _patience)
        {
            last = await TryAskAsync(question, _oneAnswer, cancellation) ?? last;
            if (!IsPassing(last))
            {
                break;
            }
        }

        return last;
    }

    /// <summary>Null when no answer came in time. A passing fault is paused for before it is returned.</summary>
    private async Task<JobAnswer?> TryAskAsync(ToJob question, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            JobAnswer answer = (await jobs.Ask<FromJob>(question, patience, cancellation)).Answer;
            if (IsPassing(answer))
            {
                await Task.Delay(_pause, time, cancellation);
            }

            return answer;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static bool IsPassing(JobAnswer answer) =>
        answer is JobAnswer.Failed { Code: JournalException.ContendedCode or JournalException.EntityFailedCode or "answer_timeout" };
}
