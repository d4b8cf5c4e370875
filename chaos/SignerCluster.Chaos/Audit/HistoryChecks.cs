namespace SignerCluster.Chaos.Audit;

/// <summary>D8: what every history must be, whatever it tells.</summary>
internal static class HistoryChecks
{
    internal static void Check(IReadOnlyList<PartyJournal> journals, List<Finding> findings)
    {
        foreach (PartyJournal journal in journals)
        {
            HashSet<long> orderings = [];
            foreach (JournalRow row in journal.Rows.Where(row => !orderings.Add(row.Ordering)))
            {
                findings.Add(Of(journal, row, $"The ordering {row.Ordering} is there twice."));
            }

            foreach (IGrouping<string, JournalRow> history in journal.Rows.GroupBy(static row => row.Entity, StringComparer.Ordinal))
            {
                CheckHistory(journal, [.. history], findings);
            }
        }
    }

    private static void CheckHistory(PartyJournal journal, JournalRow[] rows, List<Finding> findings)
    {
        long expected = 1;
        HashSet<(string Writer, DateTimeOffset Created)> ended = [];
        (string Writer, DateTimeOffset Created) before = default;
        foreach (JournalRow row in rows.OrderBy(static row => row.Ordering))
        {
            if (row.Unreadable is { } reason)
            {
                findings.Add(Of(journal, row, $"It cannot be read: {reason}."));
            }

            if (row.SequenceNumber != expected)
            {
                findings.Add(Of(journal, row, row.SequenceNumber < expected ? "The number stands twice, or out of order." : $"Row {expected} should be here."));
            }

            expected = row.SequenceNumber + 1;
            // The rows of one append have one writer and one time, and nobody else's row may stand between them.
            (string Writer, DateTimeOffset Created) append = (row.Writer, row.Created);
            if (append != before && before != default)
            {
                ended.Add(before);
            }

            if (append != before && ended.Contains(append))
            {
                findings.Add(Of(journal, row, $"Another writer stands inside an append of {row.Writer}."));
            }

            before = append;
        }
    }

    private static Finding Of(PartyJournal journal, JournalRow row, string message) =>
        new("D8", $"{journal.Party} {row.Entity} row {row.SequenceNumber}", message);
}
