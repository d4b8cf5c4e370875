namespace SignerCluster.Chaos.Audit;

/// <summary>D4, D7 and A5: what became of sessions.</summary>
internal static class SessionChecks
{
    /// <summary>Clocks of one machine, read in two processes and rounded.</summary>
    private static readonly TimeSpan _rounding = TimeSpan.FromMilliseconds(5);

    internal static void Check(IReadOnlyList<PartyJournal> journals, AuditTerms terms, List<Finding> findings)
    {
        Dictionary<string, Recorded> sessions = new(StringComparer.Ordinal);
        foreach (JournalRow row in journals.SelectMany(static journal => journal.Rows).Where(static row => row.Unreadable is null)
            .OrderBy(static row => row.Ordering))
        {
            Note(row, sessions, terms, findings);
        }

        foreach (JournalRow row in journals.SelectMany(static journal => journal.Rows)
            .Where(static row => row is { Unreadable: null, Manifest: JournalRow.Aggregated }))
        {
            CheckSeatCompletion(row, sessions, findings);
        }

        foreach (ClientSession client in terms.Sessions)
        {
            CheckClient(client, sessions.GetValueOrDefault(client.Session), terms, findings);
        }

        CheckCulprits(sessions, terms, findings);
    }

    private static void Note(JournalRow row, Dictionary<string, Recorded> sessions, AuditTerms terms, List<Finding> findings)
    {
        EntityName entity = EntityName.Parse(row.Entity);
        if (entity.Kind != "roast")
        {
            return;
        }

        Recorded session = sessions.TryGetValue(entity.Session, out Recorded? known) ? known : sessions[entity.Session] = new Recorded();
        switch (row.Manifest)
        {
            case JournalRow.Requested:
                session.Message ??= row.EventText("request", "message");
                break;
            case JournalRow.Convicted:
                session.Culprits.Add(row.Event.GetProperty("seat").GetInt32());
                break;
            case JournalRow.Completed:
                NoteCompleted(row, session, terms, findings);
                break;
        }
    }

    private static void NoteCompleted(JournalRow row, Recorded session, AuditTerms terms, List<Finding> findings)
    {
        (string signature, string key) = (row.EventText("signature"), row.EventText("outputKey"));
        if (session.Signature is not null)
        {
            findings.Add(new Finding("D4", row.Entity, $"It is completed a second time, in row {row.SequenceNumber}."));
        }
        else if (key != terms.OutputKey && !(IsOfJob(row) && key == terms.Group))
        {
            findings.Add(new Finding("D4", row.Entity, $"Its signature is for the key {key}, not for the group's {terms.OutputKey}."));
        }
        else if (!Verifies(key, session.Message, signature))
        {
            findings.Add(new Finding("D4", row.Entity, "A signature that it recorded does not verify."));
        }

        (session.Signature, session.CompletedAt) = (signature, row.Created);
    }

    /// <summary>The scripts of a covenant have the group's key itself.</summary>
    private static bool IsOfJob(JournalRow row) => EntityName.Parse(row.Entity).Session.StartsWith("job.", StringComparison.Ordinal);

    /// <summary>One signature a message.</summary>
    private static bool Verifies(string key, string? messages, string signatures)
    {
        string[] ofMessages = [.. Digits.Split(messages, Digits.OfMessage)];
        string[] ofSignatures = [.. Digits.Split(signatures, Digits.OfSignature)];
        return ofMessages.Length > 0 && ofMessages.Length == ofSignatures.Length
            && ofMessages.Zip(ofSignatures).All(pair => Bip340.Verify(key, pair.First, pair.Second));
    }

    private static void CheckSeatCompletion(JournalRow row, Dictionary<string, Recorded> sessions, List<Finding> findings)
    {
        string session = EntityName.Parse(row.Entity).Session;
        if (sessions.GetValueOrDefault(session)?.Signature is not { } signature)
        {
            findings.Add(new Finding("D4", row.Entity, "A seat was told a signature that the coordinator has not recorded."));
        }
        else if (signature != row.EventText("signature"))
        {
            findings.Add(new Finding("D4", row.Entity, "A seat was told another signature than the coordinator has recorded."));
        }
    }

    private static void CheckClient(ClientSession client, Recorded? recorded, AuditTerms terms, List<Finding> findings)
    {
        foreach ((string signature, DateTimeOffset received) in client.Signatures)
        {
            if (recorded?.Signature != signature)
            {
                findings.Add(new Finding("D4", client.Session, "A client received a signature that is not the recorded one."));
            }
            else if (client.ClocksAgree && recorded.CompletedAt > received + _rounding)
            {
                findings.Add(new Finding(
                    "D4", client.Session, $"A client had its signature {(recorded.CompletedAt - received).TotalMilliseconds:0} ms before it was recorded."));
            }
        }

        if (!client.IsAccepted)
        {
            return;
        }

        if (recorded?.Message is null)
        {
            findings.Add(new Finding("D7", client.Session, "It was accepted, and no journal knows it."));
        }
        else if (recorded.Message != client.Message)
        {
            findings.Add(new Finding("D7", client.Session, "It is recorded with another message than was accepted."));
        }
        else if (recorded.Signature is null)
        {
            findings.Add(new Finding("D7", client.Session, "It was accepted and never completed."));
        }
    }

    private static void CheckCulprits(Dictionary<string, Recorded> sessions, AuditTerms terms, List<Finding> findings)
    {
        HashSet<int> found = [];
        foreach ((string session, Recorded recorded) in sessions)
        {
            found.UnionWith(recorded.Culprits);
            if (recorded.Culprits.Except(terms.Liars).ToArray() is { Length: > 0 } innocent)
            {
                findings.Add(new Finding("A5", session, $"Seats {string.Join(", ", innocent)} are blamed and do not lie."));
            }
        }

        if (terms.Liars.Except(found).ToArray() is { Length: > 0 } unnamed)
        {
            findings.Add(new Finding("A5", "all sessions", $"Seats {string.Join(", ", unnamed)} lie and are nowhere blamed."));
        }
    }

    private sealed class Recorded
    {
        internal string? Message { get; set; }

        internal string? Signature { get; set; }

        internal DateTimeOffset CompletedAt { get; set; }

        internal HashSet<int> Culprits { get; } = [];
    }
}
