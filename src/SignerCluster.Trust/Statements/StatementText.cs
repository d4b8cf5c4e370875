using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Statements;

/// <summary>Statements as JSON: an object of <c>version</c> and <c>statements</c>, bytes in hex.</summary>
public static class StatementText
{
    private const int Version = 1;

    /// <summary>UTF-8, with a line's end.</summary>
    public static byte[] Write(IReadOnlyList<SignedStatement> statements) =>
    [
        .. JsonSerializer.SerializeToUtf8Bytes(new StatementsDocument(Version, [.. statements.Select(DocumentOf)]), TrustJson.Default.StatementsDocument),
        (byte)'\n',
    ];

    /// <summary>Reads one statement or more, none of them of the same journal as another. Never throws.</summary>
    /// <param name="fault">What is wrong with the text; null when it was read.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out IReadOnlyList<SignedStatement>? statements, [NotNullWhen(false)] out string? fault)
    {
        (statements, fault) = (null, null);
        try
        {
            StatementsDocument document = JsonSerializer.Deserialize(utf8, TrustJson.Default.StatementsDocument) ?? throw new FormatException("It is null.");
            IReadOnlyList<SignedStatement> read = document.Version == Version
                ? [.. document.Statements.Select(ReadStatement)]
                : throw new FormatException($"Its version is {document.Version}, not {Version}.");
            statements = read.Count > 0 && read.Select(static one => (one.Statement.Party, one.Statement.Journal)).Distinct().Count() == read.Count
                ? read
                : throw new FormatException("It has no statement, or two of one journal.");
            return true;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or ArgumentException)
        {
            fault = malformed.Message;
            return false;
        }
    }

    private static StatementDocument DocumentOf(SignedStatement signed)
    {
        (JournalStatement statement, AuditReport report) = (signed.Statement, signed.Statement.Report);
        return new StatementDocument(
            statement.Party,
            statement.Journal,
            statement.Identity.ToString(),
            statement.IssuedAt,
            report.Checkpoint.LastOrdering,
            report.Checkpoint.Rows,
            report.Checkpoint.Digest.ToString(),
            report.Entities,
            report.Signatures,
            report.Certificates,
            report.Shares,
            report.SeatFiles,
            [.. report.Guardians.Select(DocumentOf)],
            [.. report.Findings.Select(static finding => new StatedFinding(finding.Entity, finding.Row, finding.Reason, finding.Message))],
            signed.Signature.ToString());
    }

    private static StatedGuardian DocumentOf(GuardianStanding guardian) => new(
        guardian.Guardian.Group.ToString(),
        guardian.Guardian.Seat?.Value,
        guardian.Records,
        guardian.Head.ToString(),
        guardian.Root.ToString(),
        guardian.NextSequence,
        guardian.UpdatedAt,
        [.. guardian.Windows.Select(static window => new StatedWindow(window.Name, window.Tokens))],
        guardian.FrozenBecause,
        guardian.StoppedBecause);

    private static SignedStatement ReadStatement(StatementDocument? read)
    {
        StatementDocument document = read ?? throw new FormatException("A statement is null.");
        JournalCheckpoint checkpoint = new(Count(document.LastOrdering), Count(document.Rows), FixedBytes.ParseHex<Bytes32>(document.Digest));
        AuditReport report = new(
            checkpoint.Rows,
            Count(document.Entities),
            Count(document.Signatures),
            Count(document.Certificates),
            Count(document.Shares),
            (int)Count(document.SeatFiles),
            [.. document.Guardians.Select(ReadGuardian)],
            [.. document.Findings.Select(ReadFinding)],
            checkpoint);
        XOnlyPublicKey identity = XOnlyPublicKey.TryParseHex(document.Identity, out XOnlyPublicKey key)
            ? key
            : throw new FormatException("An identity is the 64 hex digits of an x-only key.");
        JournalStatement statement = new(document.Party, document.Journal, identity, document.IssuedAt, report);
        return new SignedStatement(statement, FixedBytes.ParseHex<Bytes64>(document.Signature));
    }

    private static GuardianStanding ReadGuardian(StatedGuardian? read)
    {
        StatedGuardian document = read ?? throw new FormatException("A guardian is null.");
        return new GuardianStanding(
            new GuardianAddress(GroupId.Parse(document.Group), document.Seat is { } seat ? new SeatId(seat) : null),
            Count(document.Records),
            FixedBytes.ParseHex<Bytes32>(document.Head),
            FixedBytes.ParseHex<Bytes32>(document.Root),
            document.NextSequence,
            document.UpdatedAt,
            [.. document.Windows.Select(static window => window is null ? throw new FormatException("A window is null.") : Level(window))],
            document.Frozen,
            document.Stopped);
    }

    private static WindowLevel Level(StatedWindow window) => new(window.Name, window.TokensSat);

    private static AuditFinding ReadFinding(StatedFinding? read) => read is { } finding
        ? new AuditFinding(finding.Entity, finding.Row, finding.Reason, finding.Message)
        : throw new FormatException("A finding is null.");

    private static long Count(long number) => number >= 0 ? number : throw new FormatException($"{number} counts nothing.");
}

/// <summary>Statements as their file has them.</summary>
internal sealed record StatementsDocument(int Version, IReadOnlyList<StatementDocument> Statements);

/// <param name="Digest">32 bytes hex, of the plain rows up to the last; as a checkpoint has it.</param>
/// <param name="Signature">64 bytes hex.</param>
internal sealed record StatementDocument(
    string Party,
    string Journal,
    string Identity,
    ulong IssuedAt,
    long LastOrdering,
    long Rows,
    string Digest,
    long Entities,
    long Signatures,
    long Certificates,
    long Shares,
    int SeatFiles,
    IReadOnlyList<StatedGuardian> Guardians,
    IReadOnlyList<StatedFinding> Findings,
    string Signature);

/// <param name="Seat">Null for the coordinator's.</param>
internal sealed record StatedGuardian(
    string Group,
    int? Seat,
    long Records,
    string Head,
    string Root,
    ulong NextSequence,
    ulong UpdatedAt,
    IReadOnlyList<StatedWindow> Windows,
    string? Frozen,
    string? Stopped);

internal sealed record StatedWindow(string Name, ulong TokensSat);

/// <param name="Entity">Empty for the journal as a whole.</param>
internal sealed record StatedFinding(string Entity, long? Row, string Reason, string Message);
