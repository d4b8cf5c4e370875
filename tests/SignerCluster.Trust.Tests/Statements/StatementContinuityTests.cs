using SignerCluster.Journal.Audit;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Trust.Tests.Statements;

/// <summary>G9, K7: two statements of one journal that cannot be of one history.</summary>
public sealed class StatementContinuityTests
{
    private static readonly XOnlyPublicKey _identity =
        XOnlyPublicKey.Parse(Convert.FromHexString("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"));

    [Fact]
    public void A_journal_that_stayed_or_grew_is_of_one_history()
    {
        Assert.Empty(Compare(Stated.Sound, Stated.Sound));
        Assert.Empty(Compare(Stated.Sound, Stated.Sound with
        {
            Checkpoint = new JournalCheckpoint(41, 31, Stated.Hash("more rows")),
            Guardians = [Stated.Coordinator with { Records = 5, Root = Stated.Hash("another"), Head = Stated.Hash("another") }, Stated.Seat],
        }));
    }

    public static TheoryData<string, string, string> Contradictions => new()
    {
        { "ends earlier", "", AuditReason.RolledBack },
        { "fewer rows", "", AuditReason.RolledBack },
        { "another digest", "", AuditReason.Diverged },
        { "fewer records", "guard", AuditReason.GuardianRolledBack },
        { "another root", "guard", AuditReason.GuardianDiverged },
        { "another head", "guard", AuditReason.GuardianDiverged },
        { "no guardian", "guard", AuditReason.GuardianRolledBack },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void G9_Two_statements_that_contradict_each_other_are_told_by_what_they_are_of(string what, string kind, string reason)
    {
        (AuditReport sound, JournalCheckpoint checkpoint) = (Stated.Sound, Stated.Sound.Checkpoint);
        AuditReport later = what switch
        {
            "ends earlier" => sound with { Checkpoint = checkpoint with { LastOrdering = 39 } },
            "fewer rows" => sound with { Checkpoint = checkpoint with { Rows = 29 } },
            "another digest" => sound with { Checkpoint = checkpoint with { Digest = Stated.Hash("others") } },
            "fewer records" => sound with { Guardians = [Stated.Coordinator, Stated.Seat with { Records = 3 }] },
            "another root" => sound with { Guardians = [Stated.Coordinator, Stated.Seat with { Root = Stated.Hash("another") }] },
            "another head" => sound with { Guardians = [Stated.Coordinator, Stated.Seat with { Head = Stated.Hash("another") }] },
            _ => sound with { Guardians = [Stated.Coordinator] },
        };
        AuditFinding found = Assert.Single(Compare(sound, later));
        Assert.Equal((kind.Length == 0 ? string.Empty : $"{kind}/{Stated.Group}/1", reason), (found.Entity, found.Reason));
        bool isProof = found.Message.Contains("proof that it was forked", StringComparison.Ordinal);
        Assert.Equal(reason is AuditReason.Diverged or AuditReason.GuardianDiverged, isProof);
    }

    [Fact]
    public void A_guardian_that_cannot_be_read_any_more_and_rows_that_cannot_are_the_later_statements_own_findings()
    {
        AuditFinding unreadable = new($"guard/{Stated.Group}/1", 3, "row_unauthentic", "it was altered.");
        Assert.Empty(Compare(Stated.Sound, Stated.Sound with
        {
            Checkpoint = Stated.Sound.Checkpoint with { Digest = Stated.Hash("without one row") },
            Guardians = [Stated.Coordinator],
            Findings = [unreadable],
        }));
    }

    [Fact]
    public void A_statement_of_an_earlier_time_is_not_the_later_one()
    {
        AuditFinding found = Assert.Single(StatementContinuity.Compare(At(101, Stated.Sound), At(100, Stated.Sound)));
        Assert.Equal(AuditReason.NotLater, found.Reason);
        Assert.Empty(StatementContinuity.Compare(At(100, Stated.Sound), At(100, Stated.Sound)));
    }

    private static IReadOnlyList<AuditFinding> Compare(AuditReport earlier, AuditReport later) => StatementContinuity.Compare(At(100, earlier), At(200, later));

    private static JournalStatement At(ulong issued, AuditReport report) => new("alice", "alice", _identity, issued, report);
}
