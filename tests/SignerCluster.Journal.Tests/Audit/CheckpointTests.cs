using System.Security.Cryptography;
using SignerCluster.Conformance;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>K7: a journal that was put back, or exchanged, does not pass where a checkpoint is known; and seat files are part of the audit.</summary>
public sealed class CheckpointTests : IAsyncLifetime
{
    private AuditedNode _node = null!;

    public async Task InitializeAsync() => _node = await AuditedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task K7_A_journal_that_grew_rotated_re_sealed_and_moved_to_another_provider_still_fits_its_checkpoint()
    {
        JournalCheckpoint before = (await _node.AuditAsync()).Checkpoint;
        Assert.Empty((await _node.AuditAsync(before)).Findings);

        await _node.Keeper.RotateAsync(CancellationToken.None);
        Assert.True((await _node.Keeper.ResealAsync(progress: null, CancellationToken.None)).IsComplete);
        await _node.WriteAsync(_node.SeatOf("s2"), new SigningSessionEvent.SessionOpened(_node.Request));

        AuditReport later = await _node.AuditAsync(before);
        Assert.Empty(later.Findings);
        Assert.NotEqual(before, later.Checkpoint);
    }

    [Fact]
    public async Task K7_Yesterdays_journal_is_reported_as_rolled_back()
    {
        await _node.WriteAsync(_node.SeatOf("s2"), new SigningSessionEvent.SessionOpened(_node.Request));
        JournalCheckpoint today = (await _node.AuditAsync()).Checkpoint;
        await using AuditedNode yesterday = await AuditedNode.StartAsync();
        AuditFinding found = Assert.Single((await yesterday.AuditAsync(today)).Findings);
        Assert.Equal((string.Empty, null, AuditReason.RolledBack), (found.Entity, found.Row, found.Reason));
    }

    [Fact]
    public async Task K7_A_journal_that_was_rolled_back_and_went_on_has_diverged()
    {
        await using AuditedNode other = await AuditedNode.StartAsync();
        JournalCheckpoint theirs = (await other.AuditAsync()).Checkpoint;
        await _node.WriteAsync(_node.SeatOf("s2"), new SigningSessionEvent.SessionOpened(_node.Request));
        Assert.Equal(AuditReason.Diverged, Assert.Single((await _node.AuditAsync(theirs)).Findings).Reason);
    }

    [Fact]
    public async Task K7_A_row_that_is_gone_since_the_checkpoint_is_found_also_when_nothing_else_tells()
    {
        JournalCheckpoint before = (await _node.AuditAsync()).Checkpoint;
        _node.Store.Damage(_node.Coordinator, static _ => null);
        Assert.Contains((await _node.AuditAsync(before)).Findings, static finding => finding.Reason is AuditReason.RolledBack);
        Assert.Contains(
            (await _node.AuditAsync(before with { LastOrdering = 7, Rows = 7 })).Findings, static finding => finding.Reason is AuditReason.Diverged);
    }

    [Fact]
    public async Task K4_Seat_files_that_do_not_open_or_belong_to_nobody_are_found()
    {
        string folder = Directory.CreateTempSubdirectory("signer-audit-").FullName;
        NodeDirectory directory = new(folder);
        SeatFiles seats = new(directory.Documents);
        await seats.CreateAsync(_node.Group.Id, _node.Group.ShareOf(new(0)), _node.Keeper, RandomNumberGenerator.Fill);
        AuditReport sound = await _node.AuditAsync(seats: seats);
        Assert.Equal((1, 0), (sound.SeatFiles, sound.Findings.Count));

        await using KeyKeeper stranger = await SealedStores.OpenAsync(new MemoryJournal());
        await seats.CreateAsync(_node.Group.Id, _node.Group.ShareOf(new(1)), stranger, RandomNumberGenerator.Fill);
        await seats.CreateAsync(new GroupId(_node.Request.Message.Single), _node.Group.ShareOf(new(2)), _node.Keeper, RandomNumberGenerator.Fill);
        AuditReport report = await _node.AuditAsync(seats: seats);
        Assert.Equal(3, report.SeatFiles);
        Assert.Equal(
            2,
            report.Findings.Count(
                static finding => finding.Reason == AuditReason.SeatUnusable && finding.Entity.StartsWith("seats/", StringComparison.Ordinal)));
        Directory.Delete(folder, recursive: true);
    }
}
