using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.Audit;

/// <summary>C1 to C3: what became of covenant jobs.</summary>
internal static class JobChecks
{
    private const string Kind = "job/";

    internal static void Check(IReadOnlyList<PartyJournal> journals, AuditTerms terms, List<Finding> findings)
    {
        JournalRow[] rows = [.. journals.SelectMany(static journal => journal.Rows).Where(static row => row.Unreadable is null)];
        Dictionary<string, JournalRow> requested = FirstOf(rows, JournalRow.Requested);
        Dictionary<string, JournalRow> completed = FirstOf(rows, JournalRow.Completed);
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (IGrouping<string, JournalRow> job in rows.Where(static row => row.Entity.StartsWith(Kind, StringComparison.Ordinal))
            .GroupBy(static row => row.Entity, StringComparer.Ordinal))
        {
            string session = job.Key.Split('/') is [_, { } route, { } id] ? CovenantJob.SessionOf(route, id) : string.Empty;
            known.Add(session);
            CheckJob(
                job.Key,
                [.. job.OrderBy(static row => row.SequenceNumber)],
                requested.GetValueOrDefault(session),
                completed.GetValueOrDefault(session),
                findings);
        }

        foreach (ClientSession client in terms.Sessions.Where(static client => client.JobIds is not null))
        {
            CheckClient(client, known, findings);
        }
    }

    private static Dictionary<string, JournalRow> FirstOf(IEnumerable<JournalRow> rows, string manifest) =>
        rows.Where(row => row.Manifest == manifest).GroupBy(static row => EntityName.Parse(row.Entity).Session, StringComparer.Ordinal)
            .ToDictionary(static session => session.Key, static session => session.MinBy(static row => row.Ordering)!, StringComparer.Ordinal);

    private static void CheckJob(string job, JournalRow[] rows, JournalRow? requested, JournalRow? completed, List<Finding> findings)
    {
        JournalRow[] accepted = [.. rows.Where(static row => row.Manifest == JournalRow.JobAccepted)];
        JournalRow[] signed = [.. rows.Where(static row => row.Manifest == JournalRow.JobSigned)];
        if (accepted.Length != 1 || signed.Length > 1)
        {
            findings.Add(new Finding("C1", job, $"It was accepted {accepted.Length} times and signed {signed.Length} times."));
            return;
        }

        if (requested is not null && requested.Ordering < accepted[0].Ordering)
        {
            findings.Add(new Finding("C3", job, "Its session began before it was recorded."));
        }

        if (signed.Length == 0)
        {
            findings.Add(new Finding("C3", job, "It was accepted and never signed."));
        }
        else if (completed?.EventText("signature") != signed[0].EventText("signature"))
        {
            findings.Add(new Finding("C1", job, "Its signature is not the one of its session."));
        }
    }

    private static void CheckClient(ClientSession client, HashSet<string> known, List<Finding> findings)
    {
        if (client.JobIds!.Count > 1)
        {
            findings.Add(new Finding("C2", client.Session, $"One request was given {client.JobIds.Count} ids or digests."));
        }

        if (client.IsAccepted && !known.Contains(client.Session))
        {
            findings.Add(new Finding("C1", client.Session, "Its job was accepted, and no journal knows it."));
        }
    }
}
