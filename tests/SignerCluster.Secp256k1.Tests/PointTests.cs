using System.Numerics;
using Org.BouncyCastle.Math.EC;

namespace SignerCluster.Secp256k1.Tests;

public sealed class PointTests : NativeTests
{
    [Fact]
    public void Sums_and_differences_at_the_edges_match_the_twin()
    {
        var twins =
            EdgeScalars.All.Select(static k => (Factor: k, Twin: CurveTwin.Multiply(k, CurveTwin.G), Point: Point.FromScalar(CurveTwin.Scalar(k)))).ToArray();
        foreach (var left in twins)
        {
            AssertSame(left.Twin, left.Point);
            AssertSame(left.Twin.Negate(), -left.Point);
            foreach (var right in twins)
            {
                AssertSame(left.Twin.Add(right.Twin), left.Point + right.Point);
                AssertSame(left.Twin.Subtract(right.Twin), left.Point - right.Point);
                AssertSame(left.Twin.Add(right.Twin), left.Point.AddGenerator(CurveTwin.Scalar(right.Factor)));
            }
        }
    }

    [Fact]
    public void Multiplication_matches_the_twin() => SeededRuns.ForEach(10, static random =>
    {
        BigInteger first = random.NextInteger();
        BigInteger second = random.NextInteger();
        var twin = CurveTwin.Multiply(first, CurveTwin.G);
        AssertSame(twin, Point.FromScalar(CurveTwin.Scalar(first)));
        AssertSame(CurveTwin.Multiply(second, twin), CurveTwin.Scalar(second) * Point.FromScalar(CurveTwin.Scalar(first)));
    });

    [Fact]
    public void Multiplication_at_the_edges_matches_multiplied_scalars()
    {
        foreach (BigInteger left in EdgeScalars.All)
        {
            foreach (BigInteger right in EdgeScalars.All)
            {
                Scalar factor = CurveTwin.Scalar(left);
                Scalar scalar = CurveTwin.Scalar(right);
                Assert.Equal(Point.FromScalar(factor * scalar), factor * Point.FromScalar(scalar));
            }
        }
    }

    [Fact]
    public void A_sum_skips_infinity_wherever_it_stands()
    {
        Point two = Point.FromScalar(Scalar.FromUInt64(2));
        Assert.Equal(Point.Infinity, Point.Sum([]));
        Assert.Equal(Point.Infinity, Point.Sum([Point.Infinity, Point.Infinity]));
        Assert.Equal(two, Point.Sum([Point.Infinity, two]));
        Assert.Equal(two, Point.Sum([two, Point.Infinity]));
        Assert.Equal(two, Point.Sum([Point.Generator, Point.Infinity, Point.Generator]));
        Assert.Equal(two, Point.Sum([two, Point.Generator, -Point.Generator]));
        Assert.Equal(Point.Infinity, Point.Sum([two, -Point.Generator, -Point.Generator]));
    }

    [Fact]
    public void A_sum_of_many_points_matches_their_scalars() => SeededRuns.ForEach(5, static random =>
    {
        Scalar[] scalars = [.. Enumerable.Range(0, random.Next(1, 140)).Select(_ => CurveTwin.Scalar(random.NextInteger()))];
        Point[] points = Array.ConvertAll(scalars, static scalar => Point.FromScalar(scalar));
        Assert.Equal(Point.FromScalar(scalars.Aggregate(Scalar.Zero, static (sum, next) => sum + next)), Point.Sum(points));
    });

    [Fact]
    public void Infinity_is_the_neutral_element()
    {
        Assert.True(default(Point).IsInfinity);
        Assert.True((-Point.Infinity).IsInfinity);
        Assert.True((Point.Infinity + Point.Infinity).IsInfinity);
        Assert.True((Scalar.One * Point.Infinity).IsInfinity);
        Assert.True((Scalar.Zero * Point.Generator).IsInfinity);
        Assert.True(Point.FromScalar(Scalar.Zero).IsInfinity);
        Assert.True(Point.Infinity.AddGenerator(Scalar.Zero).IsInfinity);
        Assert.True(Point.Generator.AddGenerator(-Scalar.One).IsInfinity);
        Assert.Equal(Point.Generator, Point.Infinity.AddGenerator(Scalar.One));
        Assert.Equal(Point.Generator, Point.Generator.AddGenerator(Scalar.Zero));
        Assert.Equal(Point.Generator, Point.Infinity + Point.Generator);
        Assert.Equal(Point.Generator, Point.Generator - Point.Infinity);
        Assert.Equal(-Point.Generator, Point.Infinity - Point.Generator);
    }

    [Fact]
    public void Infinity_has_an_encoding_only_where_it_is_allowed()
    {
        Assert.Throws<InvalidOperationException>(() => Point.Infinity.ToCompressed());
        Assert.Throws<InvalidOperationException>(() => Point.Infinity.HasEvenY);
        Assert.Throws<InvalidOperationException>(() => Point.Infinity.XOnly);
        Assert.Equal(default, Point.Infinity.ToExtended());
        Assert.Equal("infinity", Point.Infinity.ToString());
        Assert.False(Point.TryParse(new byte[33], out _));
        Assert.True(Point.TryParseExtended(new byte[33], out Point infinity));
        Assert.True(infinity.IsInfinity);
        Assert.False(Point.TryParseExtended(new byte[32], out _));
        Assert.False(Point.TryParseExtended(new byte[34], out _));
        Assert.False(Point.TryParseExtended([], out _));
    }

    [Fact]
    public void A_point_differs_from_its_negative_and_from_infinity()
    {
        Assert.NotEqual(Point.Generator, -Point.Generator);
        Assert.NotEqual(Point.Generator, Point.Infinity);
        Assert.True(Point.Infinity == default);
        Assert.True(Point.Generator != -Point.Generator);
        Assert.False(Point.Generator.Equals("G"));
        Point sum = Point.FromScalar(Scalar.FromUInt64(5)) - Point.FromScalar(Scalar.FromUInt64(4));
        Assert.True(Point.Generator.Equals((object)sum));
        Assert.Equal(Point.Generator.GetHashCode(), sum.GetHashCode());
        Assert.Equal(Point.Generator.XOnly, (-Point.Generator).XOnly);
        Assert.NotEqual(Point.Generator.HasEvenY, (-Point.Generator).HasEvenY);
    }

    private static void AssertSame(ECPoint twin, Point point) =>
        Assert.Equal(Convert.ToHexStringLower(CurveTwin.Encode(twin)), point.ToExtended().ToString());
}
