using SignerCluster.Journal.Audit;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust.Statements;

/// <summary>Holds two statements of one journal against each other, without the journal.</summary>
public static class StatementContinuity
{
    /// <summary>
    /// Why the two cannot be of one history; nothing when they can. That they are of one history only the journal shows. Two statements of one size with two
    /// digests, or of one number of records with two roots, prove a fork to whoever has both.
    /// </summary>
    /// <param name="earlier">One without findings: its checkpoint vouches for the whole journal.</param>
    public static IReadOnlyList<AuditFinding> Compare(JournalStatement earlier, JournalStatement later)
    {
        List<AuditFinding> found = [];
        if (later.IssuedAt < earlier.IssuedAt)
        {
            Add(string.Empty, AuditReason.NotLater, $"It was issued at {later.IssuedAt}, and the earlier statement at {earlier.IssuedAt}.");
        }

        CompareJournals(earlier, later, Add);
        foreach (GuardianStanding before in earlier.Report.Guardians)
        {
            string id = EntityAddress.Of(before.Guardian).ToString();
            GuardianStanding? after = later.Report.Guardians.FirstOrDefault(one => one.Guardian == before.Guardian);
            // One whose history cannot be read is among the later statement's own findings.
            if (after is not null || later.Report.Findings.All(finding => finding.Entity != id))
            {
                CompareGuardians(before, after, (reason, message) => Add(id, reason, message));
            }
        }

        return found;

        void Add(string entity, string reason, string message) => found.Add(new AuditFinding(entity, null, reason, message));
    }

    private static void CompareJournals(JournalStatement earlier, JournalStatement later, Action<string, string, string> add)
    {
        (JournalCheckpoint before, JournalCheckpoint after) = (earlier.Report.Checkpoint, later.Report.Checkpoint);
        if (after.LastOrdering < before.LastOrdering || after.Rows < before.Rows)
        {
            add(
                string.Empty,
                AuditReason.RolledBack,
                $"The journal has {after.Rows} rows and ends at ordering {after.LastOrdering}; it had {before.Rows} and ended at {before.LastOrdering}.");
        }
        else if (later.Report.Findings.Count == 0 && after.LastOrdering == before.LastOrdering && after != before)
        {
            // A row that cannot be read is not in the digest, so that only sound journals can be compared by it.
            add(
                string.Empty,
                AuditReason.Diverged,
                $"Two statements of a journal that ends at ordering {after.LastOrdering} have the digests {before.Digest} and {after.Digest}: "
                    + "proof that it was forked.");
        }
    }

    private static void CompareGuardians(GuardianStanding before, GuardianStanding? after, Action<string, string> add)
    {
        if ((after?.Records ?? 0) < before.Records)
        {
            add(AuditReason.GuardianRolledBack, $"The chain has {after?.Records ?? 0} records; it had {before.Records}.");
        }
        else if (after is not null && after.Records == before.Records && (after.Root != before.Root || after.Head != before.Head))
        {
            add(
                AuditReason.GuardianDiverged,
                $"Two statements of a chain of {after.Records} records have the roots {before.Root} and {after.Root}: proof that it was forked.");
        }
    }
}
