using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Actors.Requests;

/// <summary>Asks the coordinator for signatures and waits for them.</summary>
public interface ISigningClient
{
    /// <summary>
    /// Opens the session, or joins it when the id is known with the same request. Returns where it stands: running, ended, or refused.
    /// When it returns, the session is durable or was refused.
    /// </summary>
    ValueTask<CoordinatorAnswer> OpenAsync(CoordinatorAddress session, SigningRequest request, CancellationToken cancellation);

    /// <summary>
    /// Opens the session and waits at most <paramref name="wait"/> for its end. A running session in the answer means: ask again with the same id.
    /// Cancelling gives up the waiting for the end, never the opening. The end is in the answer too when it was waited for and came; null otherwise.
    /// </summary>
    /// <param name="opening">A <see cref="CoordinatorCommand.Sign"/> or <see cref="CoordinatorCommand.Withdraw"/>.</param>
    Task<(CoordinatorAnswer Answer, CoordinatorState.Accepted? End)> SignAsync(
        CoordinatorAddress session, CoordinatorCommand opening, TimeSpan wait, CancellationToken cancellation);
}
