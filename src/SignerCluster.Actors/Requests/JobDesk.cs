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

    /// <summary>
    /// What became of a command; <c>answer_timeout</c> when no job answered within five seconds, and <c>job_abandoned</c> where the job cannot be read and an
    /// operator has given it up.
    /// </summary>
    /// <param name="wait">How long an open job is waited for; then it is pending.</param>
    public async Task<JobAnswer> AskAsync(JobAddress job, JobCommand command, TimeSpan wait, CancellationToken cancellation)
    {
        JobAnswer answer = await AskJobAsync(job, command, wait, cancellation);
        return IsQuarantined(answer)
            && await AskDecisionAsync(job, new JobDecisionCommand.Look(), cancellation) is JobDecisionAnswer.Granted { Reply.Decision: { } decision }
                ? new JobAnswer.Refused(JobRefusals.Abandoned(decision))
                : answer;
    }

    /// <summary>Gives a job up that cannot be read, and none that can (<c>job_not_quarantined</c>). The same decision again is the same one.</summary>
    public async Task<JobDecisionAnswer> DecideAsync(JobAddress job, JobDecision decision, CancellationToken cancellation) =>
        await RepeatAsync(new ToJob(job, new JobCommand.Poll(default)), cancellation) switch
        {
            JobAnswer.Failed failed => new JobDecisionAnswer.Failed(failed.Code, failed.IsTransient),
            var answer when IsQuarantined(answer) => await AskDecisionAsync(job, new JobDecisionCommand.Decide(decision), cancellation),
            _ => new JobDecisionAnswer.Refused(JobRefusals.NotQuarantined),
        };

    private static bool IsQuarantined(JobAnswer answer) => answer is JobAnswer.Refused { Refusal.Code: JobRefusals.QuarantinedCode };

    private async Task<JobDecisionAnswer> AskDecisionAsync(JobAddress job, JobDecisionCommand command, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        JobDecisionAnswer last = new JobDecisionAnswer.Failed("answer_timeout", IsTransient: true);
        while (time.GetElapsedTime(begun) < _patience && last is JobDecisionAnswer.Failed { IsTransient: true })
        {
            try
            {
                last = (await jobs.Ask<FromJobDecision>(new ToJobDecision(job, command), _oneAnswer, cancellation)).Answer;
            }
            catch (AskTimeoutException)
            {
                continue;
            }

            if (last is JobDecisionAnswer.Failed)
            {
                await Task.Delay(_pause, time, cancellation);
            }
        }

        return last;
    }

    private async Task<JobAnswer> AskJobAsync(JobAddress job, JobCommand command, TimeSpan wait, CancellationToken cancellation)
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
