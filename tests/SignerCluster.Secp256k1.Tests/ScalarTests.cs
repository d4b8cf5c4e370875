using System.Numerics;

namespace SignerCluster.Secp256k1.Tests;

public sealed class ScalarTests : NativeTests
{
    public static TheoryData<string> NotScalars => ["n", "n+1", "2^256-1"];

    [Fact]
    public void Arithmetic_at_the_edges_matches_the_twin()
    {
        foreach (BigInteger left in EdgeScalars.All)
        {
            foreach (BigInteger right in EdgeScalars.All)
            {
                AssertSameAsTwin(left, right);
            }
        }
    }

    [Fact]
    public void Arithmetic_matches_the_twin() => SeededRuns.ForEach(300, static random => AssertSameAsTwin(random.NextInteger(), random.NextInteger()));

    [Fact]
    public void Values_that_cancel_sum_to_zero() => SeededRuns.ForEach(20, static random =>
    {
        Scalar value = CurveTwin.Scalar(random.NextInteger());
        Assert.True((value + -value).IsZero);
        Assert.True((value - value).IsZero);
        Assert.Equal(Scalar.Zero, value - value);
    });

    [Theory]
    [MemberData(nameof(NotScalars))]
    public void A_value_of_the_order_or_above_is_not_a_scalar(string name)
    {
        byte[] bytes = CurveTwin.Bytes(Named(name));
        Assert.False(Scalar.TryParse(bytes, out Scalar scalar));
        Assert.True(scalar.IsZero);
        Assert.Throws<ArgumentException>(() => Scalar.Parse(bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Another_length_is_not_a_scalar(int length) => Assert.False(Scalar.TryParse(new byte[length], out _));

    [Fact]
    public void The_largest_scalar_is_the_order_minus_one()
    {
        Scalar largest = Scalar.Parse(CurveTwin.Bytes(CurveTwin.N - 1));
        Assert.Equal(-Scalar.One, largest);
        Assert.True((largest + Scalar.One).IsZero);
        Assert.Equal(Scalar.One, largest * largest);
    }

    [Fact]
    public void Reduction_matches_the_twin()
    {
        foreach (BigInteger value in EdgeScalars.All.Concat([CurveTwin.N, CurveTwin.N + 1, (BigInteger.One << 256) - 1, CurveTwin.P]))
        {
            AssertReduces(CurveTwin.Bytes(value));
        }

        SeededRuns.ForEach(200, static random => AssertReduces(random.NextBytes(32)));
    }

    [Fact]
    public void Equal_values_are_equal_in_every_way()
    {
        Scalar seven = Scalar.FromUInt64(7);
        Scalar sum = Scalar.FromUInt64(3) + Scalar.FromUInt64(4);
        Assert.True(seven == sum);
        Assert.False(seven != sum);
        Assert.True(seven.Equals((object)sum));
        Assert.False(seven.Equals("7"));
        Assert.Equal(seven.GetHashCode(), sum.GetHashCode());
        Assert.Equal(new string('0', 63) + "7", seven.ToString());
        Assert.NotEqual(seven, Scalar.FromUInt64(8));
    }

    [Fact]
    public void A_word_becomes_the_same_integer() => Assert.Equal(ulong.MaxValue, CurveTwin.Int(Scalar.FromUInt64(ulong.MaxValue)));

    private static void AssertSameAsTwin(BigInteger left, BigInteger right)
    {
        Scalar a = CurveTwin.Scalar(left);
        Scalar b = CurveTwin.Scalar(right);
        Assert.Equal(CurveTwin.Mod(left + right, CurveTwin.N), CurveTwin.Int(a + b));
        Assert.Equal(CurveTwin.Mod(left - right, CurveTwin.N), CurveTwin.Int(a - b));
        Assert.Equal(CurveTwin.Mod(left * right, CurveTwin.N), CurveTwin.Int(a * b));
        Assert.Equal(CurveTwin.Mod(-left, CurveTwin.N), CurveTwin.Int(-a));
    }

    private static void AssertReduces(byte[] bytes)
    {
        BigInteger expected = CurveTwin.Mod(CurveTwin.Int(bytes), CurveTwin.N);
        Assert.Equal(expected, CurveTwin.Int(Scalar.Reduce(FixedBytes.From<Bytes32>(bytes))));
        Assert.Equal(!expected.IsZero, SecretScalar.TryReduce(bytes, out SecretScalar? secret));
        Assert.Equal(expected, secret is null ? 0 : CurveTwin.Int(secret.Disclose()));
        secret?.Dispose();
    }

    private static BigInteger Named(string name) => name switch
    {
        "n" => CurveTwin.N,
        "n+1" => CurveTwin.N + 1,
        _ => (BigInteger.One << 256) - 1,
    };
}
