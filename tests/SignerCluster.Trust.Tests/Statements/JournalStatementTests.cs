using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Frost;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Trust.Tests.Statements;

/// <summary>What a statement of a journal proves to somebody who has it and the party's identity key, and nothing else.</summary>
public sealed class JournalStatementTests : IDisposable
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private readonly string _folder = Directory.CreateTempSubdirectory("statement-").FullName;
    private readonly IdentityKey _identity;

    public JournalStatementTests() => _identity = IdentityKey.Create(Path.Combine(_folder, "identity.key"), RandomNumberGenerator.Fill);

    public void Dispose()
    {
        _identity.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The digest was computed by a program of another language from the description of the fields.</summary>
    [Fact]
    public void The_digest_is_the_tagged_hash_of_all_fields_each_behind_its_length() => Assert.Equal(
        "7ed999ed53a467df48ee36a2ae38c07b97c74ea5c44f017ff2a76b404a61c08c",
        new JournalStatement(
            "alice",
            "coordinator",
            XOnlyPublicKey.Parse(Convert.FromHexString("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")),
            1_700_000_000,
            Stated.Damaged).ComputeDigest().ToString());

    [Fact]
    public void A_statement_holds_for_whoever_has_the_identity_key_and_for_nobody_who_expects_another()
    {
        using IdentityKey stranger = IdentityKey.Create(Path.Combine(_folder, "stranger.key"), RandomNumberGenerator.Fill);
        SignedStatement signed = Sign(Stated.Damaged);
        Assert.Null(signed.Fault(_identity.Public));
        Assert.Contains("was expected", signed.Fault(stranger.Public), StringComparison.Ordinal);
        Assert.Equal(
            "The identity key did not sign the statement.",
            (signed with { Statement = signed.Statement with { Identity = stranger.Public } }).Fault(stranger.Public));
    }

    public static TheoryData<string> Fields =>
    [
        "party", "journal", "issuedAt", "ordering", "rows", "digest", "entities", "signatures", "certificates", "shares", "seat files", "no guardian",
        "group", "seat", "no seat", "records", "head", "root", "sequence", "updated", "window", "tokens", "no window", "frozen", "not frozen", "stopped",
        "entity", "row", "no row", "reason", "message", "no finding", "findings in another order",
    ];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Any_field_that_is_altered_is_found(string field)
    {
        SignedStatement signed = Sign(Stated.Damaged);
        SignedStatement altered = signed with { Statement = Altered(signed.Statement, field) };
        Assert.Equal("The identity key did not sign the statement.", altered.Fault(_identity.Public));
    }

    [Fact]
    public void Statements_are_read_back_from_their_text()
    {
        byte[] text = StatementText.Write([Sign(Stated.Sound, "coordinator"), Sign(Stated.Damaged, "participants-0")]);
        Assert.True(StatementText.TryRead(text, out IReadOnlyList<SignedStatement>? read, out _));
        Assert.Equal(["coordinator", "participants-0"], read.Select(static one => one.Statement.Journal));
        Assert.All(read, one => Assert.Null(one.Fault(_identity.Public)));
        Assert.Equal(text, StatementText.Write(read));
    }

    public static TheoryData<string, string> Flaws => new()
    {
        { "$.version", "2" },
        { "$.more", "1" },
        { "$.statements", "[]" },
        { "$.statements", "null" },
        { "$.statements[0]", "null" },
        { "$.statements[0].more", "1" },
        { "$.statements[0].party", "null" },
        { "$.statements[0].rows", "-1" },
        { "$.statements[0].rows", "1.5" },
        { "$.statements[0].identity", "\"00\"" },
        { "$.statements[0].digest", "\"zz\"" },
        { "$.statements[0].signature", "\"\"" },
        { "$.statements[0].guardians[0]", "null" },
        { "$.statements[0].guardians[0].seat", "128" },
        { "$.statements[0].guardians[0].records", "-1" },
        { "$.statements[0].guardians[0].group", "\"00\"" },
        { "$.statements[0].guardians[0].windows[0]", "null" },
        { "$.statements[0].findings[0]", "null" },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public void What_is_no_statement_is_not_read(string place, string value)
    {
        JsonNode root = JsonNode.Parse(StatementText.Write([Sign(Stated.Damaged)]))!;
        string[] steps = place[2..].Split('.');
        JsonNode at = steps[..^1].Aggregate(root, static (node, step) => Step(node, step)!);
        Set(at, steps[^1], JsonNode.Parse(value));
        Assert.False(StatementText.TryRead(Encoding.UTF8.GetBytes(root.ToJsonString()), out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"version":1,"version":1,"statements":[]}""")]
    public void What_is_no_file_of_statements_is_not_read(string text) =>
        Assert.False(StatementText.TryRead(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void Two_statements_of_one_journal_in_one_file_are_not_read() =>
        Assert.False(StatementText.TryRead(StatementText.Write([Sign(Stated.Sound), Sign(Stated.Sound)]), out _, out _));

    private SignedStatement Sign(AuditReport report, string journal = "alice") =>
        SignedStatement.Sign("alice", journal, report, _identity, RandomNumberGenerator.Fill, _now);

    private static JsonNode? Step(JsonNode node, string step) =>
        step.Split('[') is [var name, var number] ? node[name]![int.Parse(number[..^1], System.Globalization.CultureInfo.InvariantCulture)] : node[step];

    private static void Set(JsonNode at, string step, JsonNode? value)
    {
        if (step.Split('[') is [var name, _])
        {
            at[name]![0] = value;
        }
        else
        {
            at[step] = value;
        }
    }

    private static JournalStatement Altered(JournalStatement statement, string field)
    {
        AuditReport report = statement.Report;
        JournalCheckpoint checkpoint = report.Checkpoint;
        return field switch
        {
            "party" => statement with { Party = "bob" },
            "journal" => statement with { Journal = "alic" },
            "issuedAt" => statement with { IssuedAt = statement.IssuedAt + 1 },
            "ordering" => statement with { Report = report with { Checkpoint = checkpoint with { LastOrdering = 41 } } },
            "rows" => statement with { Report = report with { Checkpoint = checkpoint with { Rows = 31 } } },
            "digest" => statement with { Report = report with { Checkpoint = checkpoint with { Digest = Stated.Hash("others") } } },
            "entities" => statement with { Report = report with { Entities = 8 } },
            "signatures" => statement with { Report = report with { Signatures = 6 } },
            "certificates" => statement with { Report = report with { Certificates = 2 } },
            "shares" => statement with { Report = report with { Shares = 5 } },
            "seat files" => statement with { Report = report with { SeatFiles = 3 } },
            "no guardian" => statement with { Report = report with { Guardians = [Stated.Coordinator] } },
            "entity" => Finding(report.Findings[0] with { Entity = "roast/1/s2" }),
            "row" => Finding(report.Findings[0] with { Row = 3 }),
            "no row" => Finding(report.Findings[0] with { Row = null }),
            "reason" => Finding(report.Findings[0] with { Reason = "row_missing" }),
            "message" => Finding(report.Findings[0] with { Message = "it was moved." }),
            "no finding" => statement with { Report = report with { Findings = [report.Findings[0]] } },
            "findings in another order" => statement with { Report = report with { Findings = [.. report.Findings.Reverse()] } },
            _ => statement with { Report = report with { Guardians = [Altered(report.Guardians[0], field), report.Guardians[1]] } },
        };

        JournalStatement Finding(AuditFinding first) => statement with { Report = report with { Findings = [first, report.Findings[1]] } };
    }

    private static GuardianStanding Altered(GuardianStanding guardian, string field) => field switch
    {
        "group" => guardian with { Guardian = new GuardianAddress(new(Stated.Hash("another"))) },
        "seat" => guardian with { Guardian = guardian.Guardian with { Seat = new SeatId(0) } },
        "no seat" => Stated.Seat with { Guardian = Stated.Coordinator.Guardian },
        "records" => guardian with { Records = 5 },
        "head" => guardian with { Head = Stated.Hash("another") },
        "root" => guardian with { Root = Stated.Hash("another") },
        "sequence" => guardian with { NextSequence = 4 },
        "updated" => guardian with { UpdatedAt = 0 },
        "window" => guardian with { Windows = [new WindowLevel("week", 970), guardian.Windows[1]] },
        "tokens" => guardian with { Windows = [new WindowLevel("hour", 971), guardian.Windows[1]] },
        "no window" => guardian with { Windows = [guardian.Windows[0]] },
        "frozen" => guardian with { FrozenBecause = string.Empty },
        "not frozen" => Stated.Seat with { FrozenBecause = null },
        "stopped" => guardian with { StoppedBecause = "fire drill" },
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "There is no such field."),
    };
}
