using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Trust;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>By whom statements of a party's journal are signed.</summary>
public sealed class StatementSignersTests : IDisposable
{
    private readonly NodeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_party_signs_for_its_journal_with_the_identity_that_the_roster_has_of_it()
    {
        using StatementSigners signers = StatementSigners.OfNode(Load(), party: null);
        RosterParty alice = Roster.Load(_folder.PathOf("roster.json")).Find(PartyName.Parse("alice"))!;
        AuditReport report = new(1, 1, 0, 0, 0, 0, [], [], new JournalCheckpoint(1, 1, default));
        SignedStatement signed = signers.Sign(new AuditedJournal("alice", report));
        Assert.Equal(("alice", "alice"), (signed.Statement.Party, signed.Statement.Journal));
        Assert.Null(signed.Fault(alice.Identity));
        Assert.Equal(alice.Identity, Assert.Single(signers.Identities).Value);
    }

    [Theory]
    [InlineData("participant.identity-file = stranger.key", "roster_mismatch")]
    [InlineData("participant.identity-file = absent.key", "identity_missing")]
    public void An_identity_that_the_roster_does_not_know_or_that_is_not_there_signs_nothing(string change, string code) =>
        Assert.Equal(code, Assert.Throws<DataDirectoryException>(() => StatementSigners.OfNode(Load(change), party: null)).Code);

    [Fact]
    public void A_party_that_the_node_does_not_work_for_is_named() =>
        Assert.Contains("alice", Assert.Throws<UsageException>(() => StatementSigners.OfNode(Load(), "bob")).Message, StringComparison.Ordinal);

    private NodeSettings Load(string changes = "") => NodeSettings.Load(_folder.Write(changes), static _ => null);
}
