using System.Numerics;

namespace SignerCluster.Secp256k1.Tests;

public sealed class EncodingTests : NativeTests
{
    [Fact]
    public void Exactly_the_x_coordinates_of_the_curve_are_points()
    {
        int onCurve = 0;
        foreach (BigInteger x in Enumerable.Range(0, 60).Select(static x => (BigInteger)x).Concat(Enumerable.Range(1, 20).Select(static x => CurveTwin.P - x)))
        {
            bool expected = IsOnCurve(x);
            onCurve += expected ? 1 : 0;
            Assert.Equal(expected, Point.TryParse([2, .. CurveTwin.Bytes(x)], out _));
            Assert.Equal(expected, Point.TryParse([3, .. CurveTwin.Bytes(x)], out _));
            Assert.Equal(expected, Point.TryParseExtended([3, .. CurveTwin.Bytes(x)], out _));
            Assert.Equal(expected, XOnlyPublicKey.TryParse(CurveTwin.Bytes(x), out _));
        }

        Assert.InRange(onCurve, 20, 60);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(255)]
    public void Another_prefix_is_refused_at_33_bytes_and_at_65(byte prefix)
    {
        byte[] x = CurveTwin.X(CurveTwin.G);
        byte[] y = CurveTwin.G.AffineYCoord.GetEncoded();
        Assert.False(Point.TryParse([prefix, .. x], out Point point));
        Assert.True(point.IsInfinity);
        Assert.False(Point.TryParse([prefix, .. x, .. y], out _));
        Assert.False(Point.TryParseExtended([prefix, .. x], out _));
        Assert.False(Point.TryParseExtended([prefix, .. x, .. y], out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(34)]
    [InlineData(65)]
    public void Another_length_is_refused(int length)
    {
        byte[] bytes = new byte[length];
        Point.Generator.ToCompressed().AsSpan()[..Math.Min(33, length)].CopyTo(bytes);
        Assert.False(Point.TryParse(bytes, out _));
        Assert.False(Point.TryParseExtended(bytes, out _));
    }

    [Fact]
    public void An_x_coordinate_of_the_field_size_or_above_is_refused()
    {
        // x + p stands for the same field element as x, so these would be second encodings of points that exist.
        BigInteger[] wrapped = [.. Enumerable.Range(0, 30).Where(static x => IsOnCurve(x)).Select(static x => CurveTwin.P + x)];
        Assert.NotEmpty(wrapped);
        foreach (BigInteger x in wrapped.Append((BigInteger.One << 256) - 1).Append(CurveTwin.P))
        {
            Assert.False(Point.TryParse([2, .. CurveTwin.Bytes(x)], out _));
            Assert.False(XOnlyPublicKey.TryParse(CurveTwin.Bytes(x), out _));
        }
    }

    [Fact]
    public void A_point_survives_its_encoding() => SeededRuns.ForEach(50, static random =>
    {
        Point point = Point.FromScalar(CurveTwin.Scalar(random.NextInteger()));
        Assert.True(Point.TryParse(point.ToCompressed().AsSpan(), out Point read));
        Assert.Equal(point, read);
        Assert.Equal(point.HasEvenY ? point : -point, point.XOnly.ToPoint());
        Assert.Equal(point.XOnly, XOnlyPublicKey.Parse([.. point.XOnly.ToBytes()]));
        Assert.True(XOnlyPublicKey.TryParseHex(point.XOnly.ToString().ToUpperInvariant(), out XOnlyPublicKey hex));
        Assert.True(point.XOnly == hex);
        Assert.Equal(point.XOnly.GetHashCode(), hex.GetHashCode());
    });

    [Fact]
    public void An_x_only_key_is_32_bytes_on_the_curve()
    {
        Assert.False(XOnlyPublicKey.TryParse(new byte[31], out _));
        Assert.False(XOnlyPublicKey.TryParse(new byte[33], out _));
        Assert.False(XOnlyPublicKey.TryParse(Point.Generator.ToCompressed().AsSpan(), out _));
        Assert.False(XOnlyPublicKey.TryParseHex("02", out _));
        Assert.False(XOnlyPublicKey.TryParseHex(new string('g', 64), out _));
        Assert.Throws<ArgumentException>(() => XOnlyPublicKey.Parse(new byte[32]));
        Assert.Throws<InvalidOperationException>(() => default(XOnlyPublicKey).ToPoint());
    }

    [Fact]
    public void Fixed_bytes_take_their_own_length_only_and_read_hex_of_either_case()
    {
        Assert.Throws<ArgumentException>(() => FixedBytes.From<Bytes32>(new byte[31]));
        Assert.Throws<ArgumentException>(() => FixedBytes.From<Bytes66>(new byte[67]));
        Assert.Throws<FormatException>(() => FixedBytes.ParseHex<Bytes33>("00"));
        Assert.False(FixedBytes.TryParseHex("", out Bytes64 _));
        Assert.False(FixedBytes.TryParseHex("zz" + new string('0', 62), out Bytes32 _));
        Assert.False(FixedBytes.TryParseHex([.. new byte[64]], out Bytes32 _));
        Bytes32 value = FixedBytes.ParseHex<Bytes32>(string.Concat(Enumerable.Repeat("aB", 32)));
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", 32)), value.ToString());
        Assert.True(FixedBytes.TryParseHex(System.Text.Encoding.UTF8.GetBytes(value.ToString()), out Bytes32 again));
        Assert.Equal(value, again);
        Assert.Equal(value.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(value, default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(960)]
    [InlineData(961)]
    [InlineData(5000)]
    public void A_tagged_hash_matches_the_twin_at_any_length(int length)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(static index => (byte)index)];
        Assert.Equal(CurveTwin.TaggedHash("BIP0340/challenge", message), CurveTwin.Int(new TaggedHash("BIP0340/challenge").Compute(message)));
        Assert.Equal(Enumerable.Range(0, length).Select(static index => (byte)index), message);
    }

    private static bool IsOnCurve(BigInteger x) => Record.Exception(() => CurveTwin.Decode([2, .. CurveTwin.Bytes(x)])) is null;
}
