namespace SignerCluster.Secp256k1.Tests;

public sealed class Bip340VectorTests : NativeTests
{
    private static readonly string[][] _rows =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", "bips-0340", "test-vectors.csv")).Skip(1).Select(static line => line.Split(',')),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, _rows.Length)];

    public static TheoryData<int> RowsWithSecret => [.. Enumerable.Range(0, _rows.Length).Where(static row => _rows[row][1].Length > 0)];

    [Fact]
    public void All_19_published_rows_run()
    {
        Assert.Equal(19, _rows.Length);
        Assert.Equal((9, 10), (_rows.Count(static row => row[6] == "TRUE"), _rows.Count(static row => row[6] == "FALSE")));
        Assert.Equal(8, RowsWithSecret.Count);
        Assert.Equal([0, 1, 17, 32, 100], _rows.Select(static row => row[4].Length / 2).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Verification_answers_as_published(int index)
    {
        string[] row = _rows[index];
        bool verified = XOnlyPublicKey.TryParseHex(row[2], out XOnlyPublicKey key)
            && Bip340.Verify(key, Convert.FromHexString(row[4]), FixedBytes.ParseHex<Bytes64>(row[5]));
        Assert.Equal(row[6] == "TRUE", verified);
    }

    [Theory]
    [MemberData(nameof(RowsWithSecret))]
    public void Signing_gives_the_published_signature(int index)
    {
        string[] row = _rows[index];
        using SecretScalar secret = SecretScalar.Parse(Convert.FromHexString(row[1]));
        Assert.Equal(row[2], secret.ToPoint().XOnly.ToString(), ignoreCase: true);
        Assert.Equal(row[5], Bip340.Sign(secret, Convert.FromHexString(row[4]), Convert.FromHexString(row[3])).ToString(), ignoreCase: true);
    }

    [Fact]
    public void A_signature_is_for_one_key_one_message_and_no_other_bytes() => SeededRuns.ForEach(10, static random =>
    {
        using SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(random.NextInteger()));
        byte[] message = random.NextBytes(random.Next(1, 200));
        Bytes64 signature = Bip340.Sign(secret, message, random.NextBytes(32));
        XOnlyPublicKey key = secret.ToPoint().XOnly;
        Assert.True(Bip340.Verify(key, message, signature));

        signature[random.Next(64)] ^= (byte)(1 << random.Next(8));
        Assert.False(Bip340.Verify(key, message, signature));
        message[random.Next(message.Length)] ^= 1;
        Assert.False(Bip340.Verify(key, message, Bip340.Sign(secret, [], new byte[32])));
    });

    [Fact]
    public void An_unset_key_and_an_unset_signature_verify_nothing()
    {
        Assert.False(Bip340.Verify(default, [], default));
        Assert.False(Bip340.Verify(Point.Generator.XOnly, [], default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Signing_takes_32_auxiliary_bytes(int length)
    {
        using SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bip340.Sign(secret, [], new byte[length]));
    }
}
