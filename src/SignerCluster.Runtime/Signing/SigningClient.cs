using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>Asks the coordinator for signatures and waits for them.</summary>
public sealed class SigningClient(Coordinator coordinator, TimeProvider time)
{
    /// <summary>
    /// Opens the session, or joins it when the id is known with the same request. Returns where it stands: running, ended, or refused.
    /// When it returns, the session is durable or was refused.
    /// </summary>
    public ValueTask<CoordinatorAnswer> OpenAsync(CoordinatorAddress session, SigningRequest request, CancellationToken cancellation) =>
        coordinator.SendAsync(EntityAddress.Of(session), new CoordinatorCommand.Sign(request), cancellation);

    /// <summary>
    /// Opens the session and waits at most <paramref name="wait"/> for its end. A running session in the answer means: ask again with the same id.
    /// Cancelling gives up the waiting for the end, never the opening. The end is in the answer too when it was waited for and came; null otherwise.
    /// </summary>
    public async Task<(CoordinatorAnswer Answer, CoordinatorState.Accepted? End)> SignAsync(CoordinatorAddress session, SigningRequest request, TimeSpan wait, CancellationToken cancellation)
    {
        using Conclusions.Waiter waiter = coordinator.Conclusions.Await(session);
        CoordinatorAnswer answer = await OpenAsync(session, request, CancellationToken.None);
        if (wait == TimeSpan.Zero || answer is not CoordinatorAnswer.Granted { Reply: CoordinatorReply.Running })
        {
            return (answer, null);
        }

        try
        {
            CoordinatorState.Accepted end = await waiter.WithinAsync(wait, time, cancellation);
            return (new CoordinatorAnswer.Granted(RoastCoordinator.Status(end)), end);
        }
        catch (TimeoutException)
        {
            return (answer, null);
        }
    }
}
