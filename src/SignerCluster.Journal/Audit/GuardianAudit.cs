using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Audit;

/// <summary>
/// Decides every record of every guardian again, at the time at which it was written, and holds each chain against what an earlier audit saw of it (G9). Says
/// what is wrong to <paramref name="report"/>.
/// </summary>
/// <param name="earlier">Where guardians stood before; each of them must have gone on from there.</param>
internal sealed class GuardianAudit(IJournal journal, IReadOnlyList<GuardianStanding> earlier, Action<AuditFinding> report)
{
    private readonly HashSet<GuardianAddress> _met = [];
    private readonly List<GuardianStanding> _standings = [];

    /// <summary>Every guardian whose history could be read.</summary>
    internal IReadOnlyList<GuardianStanding> Standings =>
        [.. _standings.OrderBy(static one => one.Guardian.Group.ToString(), StringComparer.Ordinal).ThenBy(static one => one.Guardian.Seat?.Value ?? -1)];

    /// <summary>Throws <see cref="UnreadableHistoryException"/> when the history itself cannot be trusted.</summary>
    internal async ValueTask CheckAsync(EntityId id, GuardianAddress guardian, CancellationToken cancellation)
    {
        _met.Add(guardian);
        long row = 0;
        (GuardianState state, _) =
            await History.LoadAsync(journal, id, GuardianDecider.Initial(guardian.Group), Follow, GuardianCodec.Events, cancellation);
        _standings.Add(GuardianStanding.Of(guardian, state));
        foreach (GuardianStanding before in earlier.Where(one => one.Guardian == guardian))
        {
            Compare(id, before, state.Log);
        }

        GuardianState Follow(GuardianState before, GuardianEvent @event)
        {
            row++;
            if (@event is GuardianEvent.Recorded recorded && GuardianDecider.Judge(before, recorded) is { } wrong)
            {
                string message = $"Record {recorded.Record.Position} does not follow from those before it: {wrong}";
                report(new AuditFinding(id.ToString(), row, AuditReason.RecordInvalid, message));
            }

            return GuardianDecider.Decider.Evolve(before, @event);
        }
    }

    /// <summary>Reports the earlier guardians of which there is nothing any more. After all histories.</summary>
    internal void CheckMissing()
    {
        foreach (GuardianStanding gone in earlier.Where(one => one.Records > 0 && !_met.Contains(one.Guardian)))
        {
            Compare(EntityAddress.Of(gone.Guardian), gone, MerkleLog.Empty);
        }
    }

    private void Compare(EntityId id, GuardianStanding before, MerkleLog log)
    {
        if (log.Count < before.Records)
        {
            string message = $"The chain has {log.Count} records; it had {before.Records}. An older copy was put in its place.";
            report(new AuditFinding(id.ToString(), null, AuditReason.GuardianRolledBack, message));
        }
        else if (log.RootAt(before.Records) is var root && root != before.Root)
        {
            string message = $"The first {before.Records} records have the root {root}; they had {before.Root}. The chain was forked.";
            report(new AuditFinding(id.ToString(), null, AuditReason.GuardianDiverged, message));
        }
    }
}
