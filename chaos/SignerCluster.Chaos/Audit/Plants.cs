using System.Text.Json;
using System.Text.Json.Nodes;

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

    /// <summary>
    /// The journals with one withdrawal, chosen by the seed, accepted and debited a second time at the end of the coordinator's chain: numbered, linked and
    /// counted as if a guardian had done it.
    /// </summary>
    internal static IReadOnlyList<PartyJournal> SecondDebit(IReadOnlyList<PartyJournal> journals, long seed)
    {
        (PartyJournal Journal, RecordReading Record, JournalRow Row)[] records =
        [
            .. journals.SelectMany(static journal => journal.Rows
                .Where(static row => row.Manifest == JournalRow.GuardianRecorded && EntityName.Parse(row.Entity).Seat < 0)
                .Select(row => (journal, RecordReading.Read(journal.Party, row), row))),
        ];
        RecordReading[] accepted = [.. records.Select(static one => one.Record).Where(static record => record.Kind == RecordReading.WithdrawalAccepted)];
        if (accepted.Length == 0)
        {
            return journals;
        }

        RecordReading twice = accepted[(int)((ulong)seed % (ulong)accepted.Length)];
        (PartyJournal chosen, RecordReading last, JournalRow row) = records[^1];
        JsonObject record = JsonNode.Parse(twice.Fields.GetRawText())!.AsObject();
        record["position"] = last.Position + 1;
        record["at"] = last.At;
        record["previous"] = last.Hash;
        record["sequence"] = accepted[^1].Sequence + 1;
        record["after"] = new JsonArray([.. accepted[^1].After.Select(tokens => JsonValue.Create(tokens - twice.Debit))]);
        using JsonDocument planted = JsonDocument.Parse(new JsonObject { ["record"] = record, ["notedAt"] = last.At }.ToJsonString());
        JournalRow again = row with
        {
            Ordering = chosen.Rows.Max(static one => one.Ordering) + 1,
            SequenceNumber = row.SequenceNumber + 1,
            Event = planted.RootElement.Clone(),
        };
        return [.. journals.Select(journal => journal == chosen ? journal with { Rows = [.. journal.Rows, again] } : journal)];
    }
}
