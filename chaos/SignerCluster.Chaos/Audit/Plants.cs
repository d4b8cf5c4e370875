namespace SignerCluster.Chaos.Audit;

/// <summary>Faults that are put into what the auditor reads, to see that it reports them.</summary>
internal static class Plants
{
    /// <summary>The journals with one share given a second time, under a number of its own, in one seat's history chosen by the seed.</summary>
    internal static IReadOnlyList<PartyJournal> DuplicateShare(IReadOnlyList<PartyJournal> journals, long seed)
    {
        (PartyJournal Journal, JournalRow Row)[] shares =
        [
            .. journals.SelectMany(static journal => journal.Rows.Where(static row => row.Manifest == JournalRow.ShareProduced).Select(row => (journal, row))),
        ];
        if (shares.Length == 0)
        {
            return journals;
        }

        (PartyJournal chosen, JournalRow share) = shares[(int)((ulong)seed % (ulong)shares.Length)];
        long last = chosen.Rows.Where(row => row.Entity == share.Entity).Max(static row => row.SequenceNumber);
        JournalRow again = share with { Ordering = chosen.Rows.Max(static row => row.Ordering) + 1, SequenceNumber = last + 1 };
        return [.. journals.Select(journal => journal == chosen ? journal with { Rows = [.. journal.Rows, again] } : journal)];
    }
}
