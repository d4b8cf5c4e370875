using System.CommandLine;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Host.Verbs;

/// <summary><c>journal statement verify</c>: checks statements of an audit against parties' identity keys, without any journal.</summary>
internal static class StatementVerb
{
    private static readonly Option<string> _statement =
        new("--statement") { Description = "What journal audit wrote.", HelpName = "FILE", Required = true };

    private static readonly Option<string?> _previous =
        new("--previous") { Description = "Earlier statements of the same journals: can both be of one history?", HelpName = "FILE" };

    private static readonly ExpectedIdentity _expected = new("a statement");

    internal static Command Create(Terminal terminal)
    {
        Command verify = new("verify", "Check statements offline: who signed them, what they found, and whether they can follow earlier ones.")
        {
            _statement, _expected.Identity, _expected.Roster, _previous, CommonOptions.Json,
        };
        verify.SetAction(parsed => Run(parsed, terminal));
        return new Command("statement", "Check what journal audit wrote.") { verify };
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        Func<string, XOnlyPublicKey> identityOf = _expected.Read(parsed);
        IReadOnlyList<SignedStatement> statements = StatementFile.Read("--statement", parsed.GetValue(_statement)!);
        IReadOnlyList<SignedStatement> previous = parsed.GetValue(_previous) is { } path ? StatementFile.Read("--previous", path) : [];
        foreach (SignedStatement signed in statements)
        {
            if (signed.Fault(identityOf(signed.Statement.Party)) is { } fault)
            {
                return terminal.Report(StatementFile.Refused("statement_invalid", $"{signed.Statement.Journal} of {signed.Statement.Party}: {fault}"));
            }
        }

        if (StatementFile.WhyNotEarlier(previous, party => statements.Any(one => one.Statement.Party == party) ? identityOf(party) : null) is { } refused)
        {
            return terminal.Report(refused);
        }

        VerifiedStatements verified = VerifiedStatements.Of(statements, previous);
        return verified.Verified
            ? terminal.ShowLines(verified, ResultJson.Readable.VerifiedStatements, verified.Lines())
            : terminal.ShowRefused(verified, ResultJson.Readable.VerifiedStatements, console => WriteLines(console.Profile.Out.Writer, verified.Lines()));
    }

    private static void WriteLines(TextWriter writer, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            writer.WriteLine(line);
        }
    }
}

/// <summary>What statements prove whose signatures verify.</summary>
/// <param name="Verified">Is nothing wrong, neither in the journals then nor between these statements and the earlier ones?</param>
/// <param name="Findings">What the statements list, and what contradicts the earlier ones.</param>
internal sealed record VerifiedStatements(bool Verified, IReadOnlyList<VerifiedStatement> Statements, IReadOnlyList<FindingDocument> Findings)
{
    internal static VerifiedStatements Of(IReadOnlyList<SignedStatement> statements, IReadOnlyList<SignedStatement> previous)
    {
        Dictionary<(string, string), JournalStatement> later =
            statements.ToDictionary(static signed => (signed.Statement.Party, signed.Statement.Journal), static signed => signed.Statement);
        // An audit that knew the earlier statements says the same in its own words.
        FindingDocument[] findings = [.. statements
            .SelectMany(static signed => Found(signed.Statement.Journal, signed.Statement.Report.Findings))
            .Concat(previous.SelectMany(signed => Found(signed.Statement.Journal, Compare(signed.Statement, later))))
            .DistinctBy(static finding => (finding.Node, finding.Entity, finding.Row, finding.Reason))];
        return new VerifiedStatements(findings.Length == 0, [.. statements.Select(static signed => VerifiedStatement.Of(signed.Statement))], findings);
    }

    internal IEnumerable<string> Lines()
    {
        foreach (VerifiedStatement statement in Statements)
        {
            yield return $"{statement.Journal} of {statement.Party}, signed by {statement.Identity} at {UnixTime.ToText(statement.IssuedAt)}";
            yield return $"  {statement.Rows} rows up to ordering {statement.LastOrdering}, digest {statement.Digest}, findings: {statement.Findings}";
            foreach (VerifiedChain chain in statement.Guardians)
            {
                yield return $"  guardian {chain.Guardian}: {chain.Records} records, root {chain.Root}";
            }
        }

        foreach (string line in Findings.Select(JournalVerb.LineOf))
        {
            yield return line;
        }
    }

    private static IReadOnlyList<AuditFinding> Compare(JournalStatement earlier, Dictionary<(string, string), JournalStatement> later) =>
        later.TryGetValue((earlier.Party, earlier.Journal), out JournalStatement? statement)
            ? StatementContinuity.Compare(earlier, statement)
            : [new AuditFinding(string.Empty, null, AuditReason.RolledBack, "There was a statement of this journal, and there is none now.")];

    private static IEnumerable<FindingDocument> Found(string journal, IReadOnlyList<AuditFinding> findings) =>
        findings.Select(finding => new FindingDocument(journal, finding.Entity, finding.Row, finding.Reason, finding.Message));
}

/// <summary>What one statement says of its journal.</summary>
/// <param name="IssuedAt">Unix seconds.</param>
/// <param name="Digest">Of all rows; two statements that end at one ordering with two digests prove a fork.</param>
/// <param name="Findings">How many it lists.</param>
internal sealed record VerifiedStatement(
    string Party,
    string Journal,
    string Identity,
    ulong IssuedAt,
    long LastOrdering,
    long Rows,
    string Digest,
    IReadOnlyList<VerifiedChain> Guardians,
    int Findings)
{
    internal static VerifiedStatement Of(JournalStatement statement) => new(
        statement.Party,
        statement.Journal,
        statement.Identity.ToString(),
        statement.IssuedAt,
        statement.Report.Checkpoint.LastOrdering,
        statement.Report.Checkpoint.Rows,
        statement.Report.Checkpoint.Digest.ToString(),
        [.. statement.Report.Guardians.Select(VerifiedChain.Of)],
        statement.Report.Findings.Count);
}

/// <summary>Where a guardian's chain stood.</summary>
/// <param name="Guardian">Its entity.</param>
/// <param name="Root">Of the tree over its records: two statements of one number of records with two roots prove a fork.</param>
internal sealed record VerifiedChain(string Guardian, long Records, string Root)
{
    internal static VerifiedChain Of(GuardianStanding standing) =>
        new(Protocol.Entities.EntityAddress.Of(standing.Guardian).ToString(), standing.Records, standing.Root.ToString());
}
