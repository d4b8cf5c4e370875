using SignerCluster.Host;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using SignerCluster.Trust;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Postgres.Tests;

/// <summary>What a party states of the journal in its database, for others who know it from their roster.</summary>
public sealed class JournalStatementTests : IAsyncLifetime, IDisposable
{
    private TestDatabase _database = null!;
    private PartyFolder _folder = null!;
    private NodeSettings _node = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync();
        _folder = new PartyFolder(_database);
        _node = _folder.Node("alice");
        await SeatInstallation.InstallSeatsAsync(_node.Participant!, _node, _folder.Bundle, CancellationToken.None);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task K7_A_party_signs_for_its_database_and_a_lost_journal_contradicts_what_it_signed()
    {
        SignedStatement before = await AuditAsync(known: null);
        Assert.Empty(before.Statement.Report.Findings);
        Assert.True(before.Statement.Report.Rows > 0);
        SignedStatement again = await AuditAsync(before);
        Assert.Empty(again.Statement.Report.Findings);
        Assert.Empty(StatementContinuity.Compare(before.Statement, again.Statement));

        await _database.RunAsync("DELETE FROM signer.journal; DELETE FROM signer.entity");
        SignedStatement after = await AuditAsync(before);
        Assert.Equal("journal_missing", Assert.Single(after.Statement.Report.Findings).Reason);
        Assert.Equal(AuditReason.RolledBack, Assert.Single(StatementContinuity.Compare(before.Statement, after.Statement)).Reason);
    }

    /// <summary>The one statement of an audit, whose signature holds for whoever has the roster.</summary>
    private async Task<SignedStatement> AuditAsync(SignedStatement? known)
    {
        using StatementSigners signers = StatementSigners.OfNode(_node, party: null);
        Dictionary<string, EarlierAudit> earlier = new(StringComparer.Ordinal);
        if (known is not null)
        {
            earlier["alice"] = StatementFile.ToEarlier(known);
        }

        AuditRun run = await Verification.RunAsync(_node, party: null, earlier, new WorkProgress("Auditing"), CancellationToken.None);
        SignedStatement signed = signers.Sign(Assert.Single(run.Journals));
        Assert.Equal("alice", signed.Statement.Journal);
        Assert.Null(signed.Fault(Roster.Load(_node.RosterFile).Find(PartyName.Parse("alice"))!.Identity));
        return signed;
    }
}
