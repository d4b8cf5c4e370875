using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal;

/// <summary>Reads coordinated sessions from a journal, without waking them. Works beside a running coordinator.</summary>
public sealed class SessionReader(IJournal journal)
{
    /// <summary>Every session in the order of their first event.</summary>
    public async IAsyncEnumerable<CoordinatorAddress> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (EntityId id in journal.ListAsync(EntityKind.RoastCoordinator, cancellation))
        {
            yield return EntityAddress.ToCoordinator(id);
        }
    }

    /// <summary>
    /// The session's transcript; null when it was never opened. Throws <see cref="UnreadableHistoryException"/> when its history cannot be read.
    /// </summary>
    public async ValueTask<SessionView?> ReadAsync(CoordinatorAddress session, CancellationToken cancellation) =>
        await LoadAsync(session, cancellation) is { } accepted ? SessionView.Of(accepted) : null;

    /// <summary>What the session was asked for, which never changes; null when it was never opened. Throws as <see cref="ReadAsync"/> does.</summary>
    public async ValueTask<SigningRequest?> ReadRequestAsync(CoordinatorAddress session, CancellationToken cancellation) =>
        (await LoadAsync(session, cancellation))?.Request;

    private async ValueTask<CoordinatorState.Accepted?> LoadAsync(CoordinatorAddress session, CancellationToken cancellation)
    {
        (CoordinatorState state, _) = await History.LoadAsync(
            journal, EntityAddress.Of(session), RoastDecider.Initial(session), RoastDecider.Decider.Evolve, RoastCodec.Events, cancellation);
        return state as CoordinatorState.Accepted;
    }
}
