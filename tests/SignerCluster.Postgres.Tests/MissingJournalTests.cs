using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Frost;
using SignerCluster.Host;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

/// <summary>A journal that is missing in a party's database beside groups or seats was lost: it is never taken for that of a new party.</summary>
public sealed class MissingJournalTests : IAsyncLifetime, IDisposable
{
    private const string Everything = "every row";
    private const string AllButTheHead = "every row, and the head is kept";
    private TestDatabase _database = null!;
    private PartyFolder _folder = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateMigratedAsync();
        _folder = new PartyFolder(_database);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("alice", Everything, "move the coins to a new group")]
    [InlineData("alice", AllButTheHead, "move the coins to a new group")]
    [InlineData("coordinator", Everything, "Nobody knows then which session ids were used")]
    [InlineData("coordinator", AllButTheHead, "Nobody knows then which session ids were used")]
    public async Task S5_A_party_whose_journal_was_lost_is_not_opened_nothing_is_written_and_the_message_says_what_to_do(string party, string loss, string risk)
    {
        await InstallAsync(party);
        await LoseAsync(loss);

        foreach (Func<Task> start in (Func<Task>[])[() => OpenAndCloseAsync(party), () => LookAndCloseAsync(party), () => InstallAsync(party)])
        {
            JournalException lost = await Assert.ThrowsAsync<JournalException>(start);
            Assert.Equal(("journal_missing", false), (lost.Code, lost.IsTransient));
            string[] said = [_database.Settings.Address, "from a backup", risk];
            Assert.All(said, text => Assert.Contains(text, lost.Message, StringComparison.Ordinal));
        }

        Assert.Equal(0L, await _database.AskAsync("SELECT count(*) FROM signer.journal"));
    }

    [Fact]
    public async Task S5_A_journal_that_was_put_back_works_again()
    {
        await InstallAsync("alice");
        await _database.RunAsync(
            """
            CREATE TABLE public.journal AS TABLE signer.journal;
            CREATE TABLE public.entity AS TABLE signer.entity;
            CREATE TABLE public.head AS TABLE signer.journal_head
            """);
        await LoseAsync(Everything);
        await Assert.ThrowsAsync<JournalException>(() => OpenAndCloseAsync("alice"));

        await _database.RunAsync(
            """
            INSERT INTO signer.journal SELECT * FROM public.journal;
            INSERT INTO signer.entity SELECT * FROM public.entity;
            UPDATE signer.journal_head SET (last_ordering, key_epoch) = (SELECT last_ordering, key_epoch FROM public.head)
            """);
        await OpenAndCloseAsync("alice");
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("coordinator")]
    public async Task S5_The_key_ring_is_there_before_the_first_document_is_written(string party)
    {
        await _database.RunAsync(
            """
            CREATE FUNCTION require_ring() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT EXISTS (SELECT FROM signer.journal_head WHERE key_epoch > 0) OR NOT EXISTS (SELECT FROM signer.entity WHERE persistence_id = 'keys/ring') THEN
                    RAISE EXCEPTION 'a document before the ring';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER require_ring BEFORE INSERT ON signer.document FOR EACH ROW EXECUTE FUNCTION require_ring();
            """);
        await InstallAsync(party);
        Assert.Equal(party == "alice" ? 2L : 1L, await _database.AskAsync("SELECT count(*) FROM signer.document"));
    }

    /// <summary>What an installation leaves behind wherever it is killed.</summary>
    [Theory]
    [InlineData("DELETE FROM signer.document")]
    [InlineData("DELETE FROM signer.document WHERE kind = 'seat'")]
    [InlineData("SELECT 1")]
    public async Task S5_An_installation_that_was_killed_is_repeated(string undone)
    {
        await InstallAsync("alice");
        await _database.RunAsync(undone);
        await InstallAsync("alice");
        await using PartyStorage storage = await OpenAsync("alice");
        using GroupDirectory groups = await storage.LoadGroupsAsync(new SigningPolicy(), CancellationToken.None);
        Assert.NotNull(groups.ShareOf(Assert.Single(groups.Groups).Id, new SeatId(0)));
    }

    [Fact]
    public async Task S5_A_database_that_holds_nothing_yet_is_opened_and_looked_at()
    {
        await LookAndCloseAsync("alice");
        await OpenAndCloseAsync("alice");
    }

    [Fact]
    public async Task S5_Verify_and_the_quarantine_list_name_the_party_whose_journal_was_lost()
    {
        await InstallAsync("alice");
        await LoseAsync(Everything);
        (JournalVerifyDocument verified, _) =
            await Verification.RunAsync(_folder.Node("alice"), party: null, known: null, new WorkProgress("Verifying"), CancellationToken.None);
        FindingDocument finding = Assert.Single(verified.Findings);
        Assert.Equal(("alice", string.Empty, "journal_missing"), (finding.Node, finding.Entity, finding.Reason));

        QuarantineListDocument listed = await QuarantineListing.RunAsync(_folder.Node("alice"), new WorkProgress("Reading"), CancellationToken.None);
        UnreadJournal unread = Assert.Single(listed.Unread!);
        Assert.Equal(("alice", "journal_missing"), (unread.Node, unread.Reason));
        Assert.Empty(listed.Entities);
    }

    private Task InstallAsync(string party)
    {
        NodeSettings node = _folder.Node(party);
        return node.Participant is { } participant
            ? SeatInstallation.InstallSeatsAsync(participant, node, _folder.Bundle, CancellationToken.None)
            : SeatInstallation.InstallGroupAsync(node.Coordinator!, node, _folder.GroupFile, CancellationToken.None);
    }

    private Task<PartyStorage> OpenAsync(string party)
    {
        NodeSettings node = _folder.Node(party);
        return PartyStorage.OpenAsync(node.Parties.Single(), node, NullLoggerFactory.Instance, CancellationToken.None);
    }

    private async Task OpenAndCloseAsync(string party) => await (await OpenAsync(party)).DisposeAsync();

    private async Task LookAndCloseAsync(string party)
    {
        NodeSettings node = _folder.Node(party);
        await (await PartyStorage.LookAsync(node.Parties.Single(), node, NullLoggerFactory.Instance, CancellationToken.None)).DisposeAsync();
    }

    private Task LoseAsync(string loss) => _database.RunAsync(
        "DELETE FROM signer.journal; DELETE FROM signer.entity"
        + (loss == AllButTheHead ? string.Empty : "; UPDATE signer.journal_head SET last_ordering = 0, key_epoch = 0"));
}
