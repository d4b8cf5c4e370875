using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>A history that cannot be trusted answers nothing, is never taken for new, and hurts nobody else.</summary>
public sealed class QuarantineTests : IDisposable
{
    private readonly SeatBench _seat = new();

    private EntityId Id => EntityAddress.Of(_seat.Address);

    public void Dispose() => _seat.Dispose();

    public static TheoryData<string, string> Damages => new()
    {
        { "removed", QuarantineReason.RowMissing },
        { "all removed", QuarantineReason.RowMissing },
        { "last removed", QuarantineReason.RowMissing },
        { "unknown manifest", QuarantineReason.EventUnreadable },
        { "truncated", QuarantineReason.EventUnreadable },
        { "swapped", QuarantineReason.HistoryImpossible },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task K4_An_unreadable_history_refuses_every_request_for_its_reason_writes_nothing_and_heals(string damage, string reason)
    {
        SigningPackage package = await _seat.JoinAsync(1);
        IReadOnlyList<JournalRow> good = await _seat.Journal.Stored.ReadAsync(Id, 0, CancellationToken.None);
        _seat.Journal.Stored.Damage(Id, row => Damaged(row, damage, good));
        using SeatBench restarted = _seat.Restarted();
        IReadOnlyList<StoredRow> stored = await _seat.Journal.Stored.ReadAllAsync(0, int.MaxValue, CancellationToken.None);

        foreach (SeatRequest request
            in new[] { restarted.Open(), restarted.Commit(2), new SeatRequest.SignShare(package), new SeatRequest.Abort(AbortReason.Requested) })
        {
            Refusal refusal = Assert.IsType<SeatAnswer.Refused>(await restarted.AskAsync(request)).Refusal;
            Assert.Equal((UnreadableHistoryException.RefusalCode, reason), (refusal.Code, refusal.Evidence["reason"]));
        }

        Assert.Equal(stored, await _seat.Journal.Stored.ReadAllAsync(0, int.MaxValue, CancellationToken.None));
        using SeatBench neighbour = restarted.ForSession("s2");
        await neighbour.JoinAsync(1);

        _seat.Journal.Stored.Restore(Id, good);
        SigningPackage again = restarted.Package(2, (await restarted.AskAsync(restarted.Commit(2))).Commitment());
        Assert.True(restarted.Verifies(again, (await restarted.AskAsync(new SeatRequest.SignShare(again))).Share()));
    }

    [Fact]
    public async Task Storage_that_cannot_be_read_is_no_reason_for_quarantine()
    {
        await _seat.JoinAsync(1);
        using SeatBench restarted = _seat.Restarted();
        _seat.Journal.IsUnreadable = true;
        Assert.Equal("storage_io_error", (await restarted.AskAsync(restarted.Commit(2))).FaultCode());
        _seat.Journal.IsUnreadable = false;
        (await restarted.AskAsync(restarted.Commit(2))).Commitment();
    }

    private static JournalRow? Damaged(JournalRow row, string damage, IReadOnlyList<JournalRow> good) => damage switch
    {
        "removed" => row.SequenceNumber == 1 ? null : row,
        "all removed" => null,
        "last removed" => row.SequenceNumber == good.Count ? null : row,
        "unknown manifest" => row.SequenceNumber == 1 ? row with { Manifest = "signing-session.unheard-of.v9" } : row,
        "truncated" => row.SequenceNumber == 2 ? row with { Message = row.Message[..^1] } : row,
        "swapped" => good[good.Count - (int)row.SequenceNumber] with { SequenceNumber = row.SequenceNumber },
        _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, "No such damage."),
    };
}
