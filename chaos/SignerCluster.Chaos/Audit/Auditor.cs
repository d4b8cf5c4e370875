namespace SignerCluster.Chaos.Audit;

/// <summary>What a client of the cluster was told of one session.</summary>
/// <param name="IsAccepted">Did any coordinator answer 200 or 202?</param>
/// <param name="Signatures">Every different signature that was received, with the time of its first receipt.</param>
/// <param name="Withdrawal">Where the session is one: what was asked for, and what the answers said of its record.</param>
/// <param name="JobIds">Where it signs for a covenant job: every different pair of id and digest that answers told.</param>
/// <param name="ClocksAgree">False for a session of a scenario that moves clocks, in its own audit and in every later one: times of two processes cannot be
/// compared.</param>
internal sealed record ClientSession(
    string Session,
    string Message,
    bool IsAccepted,
    IReadOnlyDictionary<string, DateTimeOffset> Signatures,
    bool ClocksAgree = true,
    ClientWithdrawal? Withdrawal = null,
    IReadOnlyCollection<string>? JobIds = null);

/// <summary>What a client asked to withdraw, and everything different that it was answered.</summary>
/// <param name="Txid">64 hex digits, in the byte order of the protocol.</param>
/// <param name="Debit">Satoshis.</param>
/// <param name="IsRefused">Was it ever told that its id stands for another transaction?</param>
/// <param name="Transactions">Hex, with their witnesses.</param>
internal sealed record ClientWithdrawal(
    string Txid, ulong Debit, bool IsRefused, IReadOnlyCollection<WithdrawalAnswer> Answers, IReadOnlyCollection<string> Transactions);

/// <summary>A withdrawal's record as an answer tells it.</summary>
/// <param name="Txid">As explorers write it.</param>
/// <param name="Hash">64 hex digits.</param>
internal sealed record WithdrawalAnswer(ulong Sequence, long Position, string Txid, ulong Debit, ulong At, string Hash);

/// <summary>What the auditor holds the journals against.</summary>
/// <param name="Group">The group's id.</param>
/// <param name="OutputKey">The x-only key under which signatures verify.</param>
/// <param name="Parties">The parties whose journals must be there.</param>
/// <param name="Liars">The seats that the scenario makes lie; nobody else may be a culprit, and each of them must be one.</param>
internal sealed record AuditTerms(
    string Group, string OutputKey, IReadOnlyList<string> Parties, IReadOnlySet<int> Liars, IReadOnlyList<ClientSession> Sessions);

/// <summary>One thing that is wrong, under the invariant that it breaks.</summary>
internal sealed record Finding(string Invariant, string Place, string Message)
{
    public override string ToString() => $"{Place}: {Message}";
}

/// <summary>
/// Reads everything that every party ever recorded and holds it against what clients were told and against itself. Pure: the same journals give the same
/// findings.
/// </summary>
internal static class Auditor
{
    /// <summary>The invariants that are checked, with what each demands.</summary>
    internal static IReadOnlyList<(string Id, string Demand)> Invariants { get; } =
    [
        ("N1", "a commitment is used for at most one package, and no nonce point is ever drawn twice"),
        ("N3", "every share that the coordinator has stands in its seat's journal"),
        ("D4", "one completion a session, with a valid signature, recorded before any client had it"),
        ("D7", "every accepted session is recorded and completed, and no marker stands twice"),
        ("D8", "every history is without gap, each number once, no two writers inside one append"),
        ("A5", "the culprits are exactly the seats that lie"),
        ("C1", "a covenant job is recorded once and has the one signature of its session"),
        ("C2", "one request is one job for whoever asks"),
        ("C3", "a covenant job is recorded before its session begins, and is signed"),
        ("G1", "a withdrawal's id and its transaction are debited once, by what the PSBT takes, and every signed payment of a guarded group was"),
        ("G2", "every answer about a withdrawal tells the same record and transaction, and no id stands for two"),
        ("G3", "withdrawals are numbered 0, 1, 2…, and no record is dated before the one before it"),
        ("G4", "every bucket holds what the rules give, and no debit takes more; rules loosen only after their delay"),
        ("G5", "what was refused has left no record"),
        ("G7", "the debit stands in the journal before its session, and at each seat before its share"),
        ("G9", "every chain of records is linked, and every seat's is the beginning of the coordinator's"),
    ];

    /// <summary>Everything that is wrong; empty for journals that are right.</summary>
    internal static IReadOnlyList<Finding> Audit(IReadOnlyList<PartyJournal> journals, AuditTerms terms)
    {
        List<Finding> findings = [];
        foreach (string party in terms.Parties.Where(party => journals.All(journal => journal.Party != party)))
        {
            findings.Add(new Finding("D8", party, "Its journal was not there to be read."));
        }

        HistoryChecks.Check(journals, findings);
        NonceChecks.Check(journals, terms, findings);
        SessionChecks.Check(journals, terms, findings);
        JobChecks.Check(journals, terms, findings);
        GuardianChecks.Check(journals, terms, findings);
        return findings;
    }
}
