using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal;

/// <summary>Reads guardians from a party's journal, without waking them. Works beside a running party.</summary>
public sealed class GuardianReader(IJournal journal)
{
    /// <summary>The group's guardians that have written: the coordinator's, or those of the party's seats.</summary>
    public async IAsyncEnumerable<GuardianAddress> ListAsync(
        GroupId group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (EntityId id in journal.ListAsync(EntityKind.Guardian, cancellation))
        {
            GuardianAddress guardian = EntityAddress.ToGuardian(id);
            if (guardian.Group == group)
            {
                yield return guardian;
            }
        }
    }

    /// <summary>
    /// Where a guardian stands; the beginning for one that has never written. Throws <see cref="UnreadableHistoryException"/> when its history cannot be read.
    /// </summary>
    public async ValueTask<GuardianState> ReadAsync(GuardianAddress guardian, CancellationToken cancellation) => (await History.LoadAsync(
        journal,
        EntityAddress.Of(guardian),
        GuardianDecider.Initial(guardian.Group),
        GuardianDecider.Decider.Evolve,
        GuardianCodec.Events,
        cancellation)).State;
}
