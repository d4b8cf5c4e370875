using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Actors.Requests;

/// <summary>
/// The one layer that asks again: every command of a session may be repeated, so what was lost with an activation is sent to the next one, until the time that
/// its caller gives is over. What storage or keys refuse is answered at once.
/// </summary>
public sealed class SigningClient(IActorRef sessions, SigningClientSettings settings, TimeProvider time) : ISigningClient
{
    public async ValueTask<CoordinatorAnswer> OpenAsync(CoordinatorAddress session, SigningRequest request, CancellationToken cancellation) =>
        (await RepeatAsync(Open(session, new CoordinatorCommand.Sign(request)), settings.Patience, cancellation)).Answer;

    public async Task<(CoordinatorAnswer Answer, CoordinatorState.Accepted? End)> SignAsync(
        CoordinatorAddress session, CoordinatorCommand opening, TimeSpan wait, CancellationToken cancellation)
    {
        ToSession open = Open(session, opening);
        if (wait == TimeSpan.Zero)
        {
            return ((await RepeatAsync(open, settings.Patience, CancellationToken.None)).Answer, null);
        }

        long begun = time.GetTimestamp();
        TimeSpan slice = settings.FirstWait;
        for (TimeSpan left = wait; left > TimeSpan.Zero; left = wait - time.GetElapsedTime(begun))
        {
            FromSession? end = await TryAskAsync(open with { Waits = true }, left < slice ? left : slice, cancellation);
            if (end is not null && !IsPassing(end.Answer))
            {
                return (end.Answer, end.End);
            }

            if (end is null)
            {
                slice = slice + slice < settings.LongestWait ? slice + slice : settings.LongestWait;
            }
        }

        return ((await RepeatAsync(open, settings.Patience, CancellationToken.None)).Answer, null);
    }

    private static ToSession Open(CoordinatorAddress session, CoordinatorCommand opening) =>
        ToSession.Of(session, opening) with { Trace = Traces.Current };

    /// <summary>Asks until an answer comes that is no passing fault, at most for so long; then the last fault is the answer.</summary>
    private async Task<FromSession> RepeatAsync(ToSession message, TimeSpan patience, CancellationToken cancellation)
    {
        long begun = time.GetTimestamp();
        FromSession last = new(new CoordinatorAnswer.Failed("answer_timeout", IsTransient: true));
        for (TimeSpan left = patience; left > TimeSpan.Zero; left = patience - time.GetElapsedTime(begun))
        {
            last = await TryAskAsync(message, left, cancellation) ?? last;
            if (!IsPassing(last.Answer))
            {
                break;
            }
        }

        return last;
    }

    /// <summary>Null when no answer came in time. A passing fault is paused for before it is returned.</summary>
    private async Task<FromSession?> TryAskAsync(ToSession message, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            FromSession answer = await sessions.Ask<FromSession>(message, patience, cancellation);
            if (IsPassing(answer.Answer))
            {
                await Task.Delay(settings.Pause, time, cancellation);
            }

            return answer;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private static bool IsPassing(CoordinatorAnswer answer) =>
        answer is CoordinatorAnswer.Failed { Code: JournalException.ContendedCode or JournalException.EntityFailedCode };
}

/// <summary>How long sessions are waited for.</summary>
public sealed record SigningClientSettings
{
    /// <summary>How long an answer that needs no signature may take, with repetitions.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After this a session that is waited for is asked again, in case it runs elsewhere by now or the question was lost with the node that had it; after
    /// twice that a second time, and so on up to <see cref="LongestWait"/>.
    /// </summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between two questions.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After a fault that passes.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(20);
}
