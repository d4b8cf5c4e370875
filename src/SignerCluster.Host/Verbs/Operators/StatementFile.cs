using SignerCluster.Journal.Audit;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Host.Verbs.Operators;

/// <summary>Reads and writes files of signed statements, and tells which may stand for what a journal was.</summary>
internal static class StatementFile
{
    private const int MaximumBytes = 64 * 1024 * 1024;

    /// <summary>Throws <see cref="UsageException"/>: <c>statement_unreadable</c>, <c>statement_malformed</c>.</summary>
    /// <param name="option">What the caller typed it as.</param>
    internal static IReadOnlyList<SignedStatement> Read(string option, string path)
    {
        byte[] text;
        try
        {
            text = new FileInfo(path).Length <= MaximumBytes
                ? File.ReadAllBytes(path)
                : throw new UsageException("statement_malformed", $"{option}: {path} is longer than {MaximumBytes} bytes.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("statement_unreadable", $"{option}: {path} cannot be read: {fault.Message}");
        }

        return StatementText.TryRead(text, out IReadOnlyList<SignedStatement>? statements, out string? wrong)
            ? statements
            : throw new UsageException("statement_malformed", $"{option}: {path} holds no statements: {wrong}");
    }

    /// <summary>Replaces the file. Throws <see cref="UnavailableException"/> <c>statement_unwritable</c>.</summary>
    internal static void Write(string path, IReadOnlyList<SignedStatement> statements)
    {
        try
        {
            OutputFile.Write(path, StatementText.Write(statements));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException("statement_unwritable", $"--out: {path} cannot be written: {fault.Message} Audit again with another place.");
        }
    }

    /// <summary>
    /// Why statements cannot stand for what journals were before; null when all can: each is by the party whose journals are looked at now, its signature
    /// verifies, and it lists no finding, so that its checkpoint vouches for the whole journal.
    /// </summary>
    /// <param name="identityOf">The identity key of a party that is looked at; null for any other party.</param>
    internal static Failure? WhyNotEarlier(IReadOnlyList<SignedStatement> statements, Func<string, XOnlyPublicKey?> identityOf)
    {
        foreach (SignedStatement signed in statements)
        {
            JournalStatement statement = signed.Statement;
            XOnlyPublicKey? expected = identityOf(statement.Party);
            if (expected != statement.Identity)
            {
                return Refused(
                    "statement_of_another",
                    expected is { } identity
                        ? $"--previous: the statement of {statement.Journal} is by {statement.Identity}, and {statement.Party} is {identity} now."
                        : $"--previous: the statement of {statement.Journal} is by {statement.Party}, none of whose journals is looked at.");
            }

            if (signed.Fault(statement.Identity) is { } fault)
            {
                return Refused("statement_invalid", $"--previous: {statement.Journal}: {fault}");
            }

            if (statement.Report.Findings.Count > 0)
            {
                return Refused(
                    "statement_with_findings",
                    $"--previous: the statement of {statement.Journal} lists {statement.Report.Findings.Count} findings, so it does not vouch for the whole "
                        + "journal. Give the last one that lists none.");
            }
        }

        return null;
    }

    internal static EarlierAudit ToEarlier(SignedStatement signed) => new(signed.Statement.Report.Checkpoint, signed.Statement.Report.Guardians);

    internal static Failure Refused(string code, string message) => new(ExitCode.Refused, code, "terminal", message);
}
