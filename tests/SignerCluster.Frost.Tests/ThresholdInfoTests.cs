using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class ThresholdInfoTests : FrostTests
{
    [Fact]
    public void Any_consistent_selection_of_public_shares_is_accepted() => SeededRuns.ForEach(10, static random =>
    {
        int participants = random.Next(1, 8);
        int threshold = random.Next(1, participants + 1);
        using Round round = new(random, threshold, participants, threshold);
        SeatSet known = Round.PickSeats(random, participants, random.Next(threshold, participants + 1));
        ThresholdInfo group = ThresholdInfo.Create(threshold, participants, round.Group.GroupKey, Shares(round, known)).Value;
        Assert.Equal(known.Count == participants, group.HasAllPublicShares);
        Assert.All(group.Seats, seat => Assert.Equal(known.Contains(seat) ? round.Group.PublicShare(seat) : null, group.PublicShare(seat)));
        Assert.Null(group.PublicShare(new SeatId(participants)));
    });

    [Fact]
    public void Without_public_shares_only_the_key_is_known()
    {
        ThresholdInfo group = ThresholdInfo.Create(2, 3, Point.Generator, null).Value;
        Assert.False(group.HasAllPublicShares);
        Assert.Null(group.PublicShare(new SeatId(0)));
        Assert.Equal(SeatSet.All(3), group.Seats);
    }

    [Fact]
    public void Any_altered_public_share_beyond_the_threshold_is_inconsistent() => SeededRuns.ForEach(10, static random =>
    {
        using Round round = new(random, 2, 5, 2);
        Point?[] shares = Shares(round, round.Group.Seats);
        int altered = random.Next(5);
        shares[altered] = -shares[altered]!.Value;
        Assert.Equal(FrostCode.PublicSharesInconsistent, Code(round, shares));
    });

    [Fact]
    public void Shares_of_another_key_do_not_match_it() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        using Round other = new(random, 2, 3, 2);
        Assert.Equal(FrostCode.PublicSharesMismatch, Code(round, Shares(other, other.Group.Seats)));
        // Exactly the threshold of shares always lie on a polynomial, so only the key can tell.
        Point?[] mixed = Shares(round, SeatSet.All(2));
        mixed[1] = other.Group.PublicShare(new SeatId(1));
        Assert.Equal(FrostCode.PublicSharesMismatch, Code(round, mixed));
    });

    [Fact]
    public void Malformed_lists_are_refused() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        Point?[] shares = Shares(round, round.Group.Seats);
        Assert.Equal(FrostCode.PublicShareCountMismatch, Code(round, shares[..2]));
        Assert.Equal(FrostCode.PublicShareCountMismatch, Code(round, [.. shares, null]));
        Assert.Equal(FrostCode.PublicSharesTooFew, Code(round, [shares[0], null, null]));
        Assert.Equal(FrostCode.GroupKeyInfinite, ThresholdInfo.Create(2, 3, Point.Infinity, null).Refusal.Code);
        FrostRefusal infinite = ThresholdInfo.Create(2, 3, round.Group.GroupKey, [shares[0], shares[1], Point.Infinity]).Refusal;
        Assert.Equal((FrostCode.InvalidPublicShare, 2, new SeatId(2)), (infinite.Code, infinite.BlamedIndex, infinite.BlamedSeat));
    });

    [Fact]
    public void Duplicate_seats_are_refused_before_anything_is_divided_by_their_difference() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        Bytes33 share = round.Group.PublicShare(new SeatId(1))!.Value.ToCompressed();
        FrostRefusal refusal = SignerSelection.Create(2, 3, round.Group.GroupKey.ToCompressed(), [1, 1], [share, share]).Refusal;
        Assert.Equal(FrostCode.DuplicateSeat, refusal.Code);
    });

    [Theory]
    [InlineData(-1L)]
    [InlineData(3L)]
    [InlineData(128L)]
    [InlineData(1L << 32)]
    [InlineData(long.MinValue)]
    public void An_identifier_outside_the_group_is_refused_at_its_index(long id)
    {
        FrostRefusal refusal = SignerSelection.Create(2, 3, Point.Generator.ToCompressed(), [0, id], null).Refusal;
        Assert.Equal((FrostCode.SeatOutOfRange, 1), (refusal.Code, refusal.BlamedIndex));
    }

    private static string Code(Round round, Point?[] shares) => ThresholdInfo.Create(2, round.Group.Participants, round.Group.GroupKey, shares).Refusal.Code;

    private static Point?[] Shares(Round round, SeatSet known) =>
        [.. round.Group.Seats.Select(seat => known.Contains(seat) ? round.Group.PublicShare(seat) : null)];
}
