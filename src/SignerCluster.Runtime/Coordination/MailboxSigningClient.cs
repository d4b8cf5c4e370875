using SignerCluster.Actors.Requests;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Runtime.Coordination;

/// <summary>Asks the coordinator for signatures and waits for them.</summary>
public sealed class MailboxSigningClient(Coordinator coordinator, TimeProvider time) : ISigningClient
{
    public ValueTask<CoordinatorAnswer> OpenAsync(CoordinatorAddress session, SigningRequest request, CancellationToken cancellation) =>
        coordinator.SendAsync(EntityAddress.Of(session), new CoordinatorCommand.Sign(request), cancellation);

    public async Task<(CoordinatorAnswer Answer, CoordinatorState.Accepted? End)> SignAsync(
        CoordinatorAddress session, SigningRequest request, TimeSpan wait, CancellationToken cancellation)
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
            return (new CoordinatorAnswer.Granted(RoastDecider.Status(end)), end);
        }
        catch (TimeoutException)
        {
            return (answer, null);
        }
    }
}
