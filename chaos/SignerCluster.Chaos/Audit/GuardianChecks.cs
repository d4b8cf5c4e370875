using System.Text.Json;

namespace SignerCluster.Chaos.Audit;

/// <summary>G1 to G9 as journals and clients show them: what every party's guardian recorded, and what was signed on it.</summary>
internal sealed class GuardianChecks
{
    private readonly AuditTerms _terms;
    private readonly List<Finding> _findings;
    private readonly Dictionary<EntityName, ChainReading> _chains = [];
    private readonly Dictionary<string, RecordReading[]> _withdrawals;

    private GuardianChecks(IReadOnlyList<PartyJournal> journals, AuditTerms terms, List<Finding> findings)
    {
        (_terms, _findings) = (terms, findings);
        foreach (PartyJournal journal in journals)
        {
            foreach (JournalRow row in journal.Rows.Where(static row => row is { Unreadable: null, Manifest: JournalRow.GuardianRecorded })
                .OrderBy(static row => row.Ordering))
            {
                Read(journal.Party, row);
            }
        }

        _withdrawals = Chain(-1).Withdrawals.GroupBy(static record => record.Id, StringComparer.Ordinal)
            .ToDictionary(static id => id.Key, static id => id.ToArray(), StringComparer.Ordinal);
    }

    private string OwnScript => $"5120{_terms.OutputKey}";

    internal static void Check(IReadOnlyList<PartyJournal> journals, AuditTerms terms, List<Finding> findings)
    {
        GuardianChecks checks = new(journals, terms, findings);
        checks.CheckPrefixes();
        foreach (JournalRow[] session in journals.SelectMany(static journal => journal.Rows)
            .Where(static row => row.Unreadable is null && row.Entity.StartsWith("roast/", StringComparison.Ordinal))
            .GroupBy(static row => row.Entity, StringComparer.Ordinal).Select(static session => session.ToArray()))
        {
            checks.CheckSession(session);
        }

        foreach (JournalRow share in journals.SelectMany(static journal => journal.Rows)
            .Where(static row => row is { Unreadable: null, Manifest: JournalRow.ShareProduced }))
        {
            checks.CheckShare(share);
        }

        foreach (ClientSession client in terms.Sessions)
        {
            checks.CheckClient(client);
        }
    }

    private void Read(string party, JournalRow row)
    {
        EntityName entity = EntityName.Parse(row.Entity);
        try
        {
            if (!_chains.TryGetValue(entity, out ChainReading? chain))
            {
                _chains[entity] = chain = new ChainReading(entity.Group, _findings);
            }

            chain.Add(RecordReading.Read(party, row));
        }
        catch (FormatException malformed)
        {
            _findings.Add(new Finding("G9", row.Entity, malformed.Message));
        }
    }

    /// <summary>The coordinator's chain, or a seat's; an empty one where nothing is recorded.</summary>
    private ChainReading Chain(int seat) =>
        _chains.GetValueOrDefault(new EntityName("guard", _terms.Group, string.Empty, seat)) ?? new ChainReading(_terms.Group, _findings);

    private void CheckPrefixes()
    {
        IReadOnlyList<RecordReading> made = Chain(-1).Records;
        foreach (RecordReading folded in _chains.Where(static chain => chain.Key.Seat >= 0).SelectMany(static chain => chain.Value.Records.Index())
            .Where(folded => folded.Index >= made.Count || made[folded.Index].Hash != folded.Item.Hash).Select(static folded => folded.Item))
        {
            _findings.Add(new Finding("G9", folded.Place, "The coordinator's chain does not have this record here."));
        }
    }

    /// <summary>A session that began under the guardian has its withdrawal, and that is of its very PSBT.</summary>
    private void CheckSession(JournalRow[] rows)
    {
        JournalRow? requested = rows.FirstOrDefault(static row => row.Manifest == JournalRow.Requested);
        if (requested is null || Chain(-1).Records is not [{ Ordering: var guarded }, ..] || requested.Ordering < guarded)
        {
            return;
        }

        string id = EntityName.Parse(requested.Entity).Session;
        if (!_withdrawals.TryGetValue(id, out RecordReading[]? paid))
        {
            _findings.Add(new Finding("G1", requested.Entity, "It was begun, and its group's guardian has accepted no such withdrawal."));
            return;
        }

        if (paid[0].Ordering > requested.Ordering)
        {
            _findings.Add(new Finding("G7", requested.Entity, "It was begun before its debit was recorded."));
        }

        if (ReadPsbt(requested) is not { } psbt)
        {
            _findings.Add(new Finding("G1", requested.Entity, "Its request holds no PSBT that can be read."));
        }
        else if (psbt.Transaction.Txid != paid[0].Txid || psbt.OutflowOf(OwnScript) != paid[0].Debit)
        {
            _findings.Add(new Finding(
                "G1", requested.Entity, $"Its PSBT takes {psbt.OutflowOf(OwnScript)} sat, and {paid[0].Place} accepts {paid[0].Debit} or another transaction."));
        }
    }

    private void CheckShare(JournalRow share)
    {
        EntityName entity = EntityName.Parse(share.Entity);
        ChainReading chain = Chain(entity.Seat);
        bool isGuarded = chain.Records is [{ Ordering: var guarded }, ..] && guarded < share.Ordering;
        if (isGuarded && !chain.Withdrawals.Any(record => record.Id == entity.Session && record.Ordering < share.Ordering))
        {
            _findings.Add(new Finding("G7", share.Entity, "The seat gave its share, and its guardian had accepted no such withdrawal."));
        }
    }

    private void CheckClient(ClientSession client)
    {
        if (client.Withdrawal is not { } asked)
        {
            return;
        }

        RecordReading? paid = _withdrawals.GetValueOrDefault(client.Session)?[0];
        foreach (WithdrawalAnswer answer in asked.Answers.Where(answer => !Tells(answer, paid)))
        {
            _findings.Add(new Finding("G2", client.Session, $"A client was told {answer}, and recorded is {paid?.Fields.GetRawText() ?? "nothing"}."));
        }

        if (client.IsAccepted && (paid?.Txid != asked.Txid || paid.Debit != asked.Debit))
        {
            _findings.Add(new Finding("G2", client.Session, "A client was told that its payment is accepted, and the record is of another one, or there is none."));
        }

        foreach (string transaction in asked.Transactions.Where(transaction => TransactionReading.Read(Convert.FromHexString(transaction)).Txid != asked.Txid))
        {
            _findings.Add(new Finding("G2", client.Session, $"A client got another transaction than it asked for: {transaction}"));
        }

        if (asked.Transactions.Count > 1)
        {
            _findings.Add(new Finding("G2", client.Session, $"Clients got {asked.Transactions.Count} different transactions."));
        }

        if (asked.IsRefused && Chain(-1).Withdrawals.Any(record => record.Txid == asked.Txid))
        {
            _findings.Add(new Finding("G5", client.Session, "A client was told that the id stands for another transaction, and this one is recorded."));
        }
    }

    private static bool Tells(WithdrawalAnswer answer, RecordReading? paid) => paid is not null && answer == new WithdrawalAnswer(
        paid.Sequence, paid.Position, Convert.ToHexStringLower([.. Convert.FromHexString(paid.Txid).Reverse()]), paid.Debit, paid.At, paid.Hash);

    private static PsbtReading? ReadPsbt(JournalRow requested)
    {
        try
        {
            return PsbtReading.Read(requested.EventText("request", "artefact", "psbt"));
        }
        catch (Exception malformed) when (malformed is FormatException or OverflowException or JsonException)
        {
            return null;
        }
    }
}
