using System.Text.Json;

namespace SignerCluster.Chaos.Audit;

/// <summary>N1, N3 and the markers of D7: what seats drew, consumed and gave, over all parties and sessions.</summary>
internal static class NonceChecks
{
    private const int PointDigits = 66;

    internal static void Check(IReadOnlyList<PartyJournal> journals, AuditTerms terms, List<Finding> findings)
    {
        SeatLedger ledger = new(findings);
        foreach (PartyJournal journal in journals)
        {
            foreach (JournalRow row in journal.Rows.Where(static row => row.Unreadable is null).OrderBy(static row => row.Ordering))
            {
                ledger.Read(journal.Party, row);
            }
        }

        foreach (PartyJournal journal in journals)
        {
            CheckCoordinator(journal, ledger, terms, findings);
        }
    }

    private static void CheckCoordinator(PartyJournal journal, SeatLedger ledger, AuditTerms terms, List<Finding> findings)
    {
        Dictionary<string, string> packages = new(StringComparer.Ordinal);
        foreach (JournalRow row in journal.Rows.Where(static row => row.Unreadable is null))
        {
            EntityName entity = EntityName.Parse(row.Entity);
            string place = $"{journal.Party} {row.Entity} row {row.SequenceNumber}";
            switch (row.Manifest)
            {
                case JournalRow.PackageIssued:
                    string package = $"{row.Entity} attempt {row.EventText("attempt", "id")}";
                    foreach (JsonProperty commitment in row.Event.GetProperty("commitments").EnumerateObject())
                    {
                        foreach (string text in Digits.Split(commitment.Value.GetString(), 2 * PointDigits).Where(text => !packages.TryAdd(text, package)))
                        {
                            findings.Add(new Finding("N1", place, $"A commitment of seat {commitment.Name} is already in the package of {packages[text]}."));
                        }
                    }

                    break;
                case JournalRow.ShareAccepted:
                    int seat = row.Event.GetProperty("seat").GetInt32();
                    string? given = ledger.ShareOf(entity.Group, entity.Session, seat, row.EventText("attempt"));
                    if (given != row.EventText("share") && !terms.Liars.Contains(seat))
                    {
                        findings.Add(new Finding(
                            "N3", place, $"Seat {seat} {(given is null ? "recorded no share of this attempt" : "recorded another share of this attempt")}."));
                    }

                    break;
            }
        }
    }

    /// <summary>What the seats recorded.</summary>
    private sealed class SeatLedger(List<Finding> findings)
    {
        private readonly Dictionary<string, string> _points = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Entity, string Attempt), string> _joined = [];
        private readonly Dictionary<string, string> _consumed = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Entity, string Attempt), string> _shares = [];

        internal string? ShareOf(string group, string session, int seat, string attempt) =>
            _shares.GetValueOrDefault(($"seat/{group}/{session}/{seat}", attempt));

        internal void Read(string party, JournalRow row)
        {
            string place = $"{party} {row.Entity} row {row.SequenceNumber}";
            if (row.Manifest == JournalRow.Joined)
            {
                NoteJoined(row, place);
            }
            else if (row.Manifest == JournalRow.ShareProduced)
            {
                NoteShare(row, place);
            }
        }

        private void NoteJoined(JournalRow row, string place)
        {
            string commitment = row.EventText("commitment");
            if (commitment.Length == 0 || commitment.Length % (2 * PointDigits) != 0)
            {
                findings.Add(new Finding("N1", place, "The commitment is not two points a message."));
                return;
            }

            // The half of one nonce must not turn up as the half of any other, not even swapped.
            foreach (string point in Digits.Split(commitment, PointDigits))
            {
                // A point and its negation are one secret up to the sign.
                if (!_points.TryAdd(point[2..], place))
                {
                    findings.Add(new Finding("N1", place, $"A nonce point was drawn before, at {_points[point[2..]]}."));
                }
            }

            _joined[(row.Entity, row.EventText("attempt", "id"))] = commitment;
        }

        private void NoteShare(JournalRow row, string place)
        {
            string attempt = row.EventText("attempt", "id");
            if (!_shares.TryAdd((row.Entity, attempt), row.EventText("share")))
            {
                findings.Add(new Finding("D7", place, $"The attempt {attempt} has its marker twice."));
            }

            if (!_joined.TryGetValue((row.Entity, attempt), out string? commitment))
            {
                findings.Add(new Finding("N1", place, $"The seat never joined the attempt {attempt}."));
            }
            else
            {
                string package = row.EventText("package");
                foreach (string used in Digits.Split(commitment, 2 * PointDigits).Where(used => !_consumed.TryAdd(used, package)))
                {
                    findings.Add(new Finding("N1", place, $"A commitment was consumed before, for the package {_consumed[used]}."));
                }
            }
        }
    }
}
