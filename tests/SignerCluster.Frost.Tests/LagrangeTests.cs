using System.Numerics;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class LagrangeTests : FrostTests
{
    [Fact]
    public void Coefficients_match_the_twin() => SeededRuns.ForEach(30, static random => AssertMatch(random, random.Next(1, 129)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    public void Coefficients_of_extreme_sets_match_the_twin(int size) => SeededRuns.ForEach(2, random => AssertMatch(random, size));

    [Fact]
    public void Coefficients_sum_to_one_over_any_set() => SeededRuns.ForEach(30, static random =>
    {
        SeatSet set = Round.PickSeats(random, 128, random.Next(1, 129));
        Assert.Equal(Scalar.One, set.Aggregate(Scalar.Zero, (sum, seat) => sum + Lagrange.Coefficient(set, seat)));
    });

    [Fact]
    public void A_coefficient_at_a_members_own_position_is_one_and_zero_for_the_others()
    {
        SeatSet set = SeatSet.Of(new SeatId(0), new SeatId(7), new SeatId(127));
        foreach (SeatId at in set)
        {
            Assert.All(set, seat => Assert.Equal(seat == at ? Scalar.One : Scalar.Zero, Lagrange.Coefficient(set, seat, at.Value)));
        }
    }

    [Fact]
    public void Every_large_enough_subset_of_a_group_interpolates_to_its_key_and_no_smaller_one() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 3, 6, 3);
        for (int bits = 1; bits < 64; bits++)
        {
            SeatSet subset = SeatSet.FromBits((UInt128)bits);
            Point[] points = [.. subset.Select(seat => round.Group.PublicShare(seat)!.Value)];
            Assert.Equal(subset.Count >= 3, Lagrange.Interpolate(subset, points, Lagrange.GroupKeyPosition) == round.Group.GroupKey);
        }
    });

    [Fact]
    public void Interpolation_reaches_every_other_seat() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 3, 7, 3);
        Point[] points = [.. round.Signers.Select(seat => round.Group.PublicShare(seat)!.Value)];
        Assert.All(round.Group.Seats, seat => Assert.Equal(round.Group.PublicShare(seat), Lagrange.Interpolate(round.Signers, points, seat.Value)));
    });

    private static void AssertMatch(Random random, int size)
    {
        SeatSet set = Round.PickSeats(random, 128, size);
        int[] ids = [.. set.Select(static seat => seat.Value)];
        foreach (SeatId seat in set.Take(20))
        {
            BigInteger expected = FrostTwin.Lambda(ids, seat.Value);
            Assert.Equal(expected, CurveTwin.Int(Lagrange.Coefficient(set, seat)));
        }
    }
}
