using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class NonceGenerationTests : FrostTests
{
    private static readonly byte[] _broken = new byte[32];

    [Fact]
    public void With_a_broken_source_of_randomness_any_other_difference_gives_another_nonce()
    {
        using SecretShare share = SecretShare.Create(new SeatId(0), CurveTwin.Bytes(3)).Value;
        using SecretShare otherShare = SecretShare.Create(new SeatId(0), CurveTwin.Bytes(4)).Value;
        XOnlyPublicKey key = Point.Generator.XOnly;
        XOnlyPublicKey otherKey = Point.FromScalar(Scalar.FromUInt64(9)).XOnly;
        ReadOnlyMemory<byte> text = new byte[] { 1 };
        Commitment[] commitments =
        [
            Generate(null, null, null, null, default),
            Generate(share, null, null, null, default),
            Generate(otherShare, null, null, null, default),
            Generate(share, share.PublicShare, null, null, default),
            Generate(share, otherShare.PublicShare, null, null, default),
            Generate(share, share.PublicShare, key, null, default),
            Generate(share, share.PublicShare, otherKey, null, default),
            Generate(share, share.PublicShare, key, ReadOnlyMemory<byte>.Empty, default),
            Generate(share, share.PublicShare, key, text, default),
            Generate(share, share.PublicShare, key, new byte[] { 1, 0 }, default),
            Generate(share, share.PublicShare, key, text, text),
            Generate(share, share.PublicShare, key, text, new byte[] { 2 }),
            Generate(share, share.PublicShare, key, null, text),
        ];
        Assert.Equal(commitments.Length, commitments.Distinct().Count());
        Assert.Equal(2 * commitments.Length, commitments.SelectMany(static commitment => Halves(commitment)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Equal_inputs_give_equal_nonces_which_is_why_the_caller_adds_what_is_unique() => SeededRuns.ForEach(5, static random =>
    {
        byte[] random32 = random.NextBytes(32);
        byte[] message = random.NextBytes(random.Next(0, 2000));
        using SecretNonce first = NonceGeneration.Generate(random32, message: message, extra: message);
        using SecretNonce second = NonceGeneration.Generate(random32, message: message, extra: message);
        using SecretNonce other = NonceGeneration.Generate(random.NextBytes(32), message: message, extra: message);
        Assert.Equal(first.Commitment, second.Commitment);
        Assert.NotEqual(first.Commitment, other.Commitment);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_nonce_takes_32_random_bytes(int length) => Assert.Throws<ArgumentOutOfRangeException>(() => NonceGeneration.Generate(new byte[length]));

    [Fact]
    public void Published_nonces_out_of_range_are_refused_and_tell_which_half()
    {
        byte[] one = CurveTwin.Bytes(1);
        byte[] order = CurveTwin.Bytes(CurveTwin.N);
        Assert.Equal(FrostCode.FirstNonceOutOfRange, SecretNonce.Parse([.. new byte[32], .. one]).Refusal.Code);
        Assert.Equal(FrostCode.FirstNonceOutOfRange, SecretNonce.Parse([.. order, .. one]).Refusal.Code);
        Assert.Equal(FrostCode.SecondNonceOutOfRange, SecretNonce.Parse([.. one, .. new byte[32]]).Refusal.Code);
        Assert.Equal(FrostCode.SecondNonceOutOfRange, SecretNonce.Parse([.. one, .. order]).Refusal.Code);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x04)]
    [InlineData(0x06)]
    [InlineData(0x07)]
    public void A_commitment_with_a_half_that_is_no_compressed_point_is_blamed_on_its_seat(byte prefix)
    {
        SeatSet signers = SeatSet.Of(new SeatId(2), new SeatId(5));
        Commitment good = NonceGeneration.Generate(_broken).Commitment;
        foreach (int half in new[] { 0, 33 })
        {
            Bytes66 bytes = good.Bytes;
            bytes[half] = prefix;
            Commitment bad = new(bytes);
            Assert.False(bad.IsValid());
            AssertBlames(NonceAggregation.Aggregate(signers, [good, bad]).Refusal, 1, 5);
            AssertBlames(NonceAggregation.Aggregate(signers, [bad, bad]).Refusal, 0, 2);
        }
    }

    [Fact]
    public void A_single_signers_nonce_must_not_be_infinity()
    {
        Commitment good = NonceGeneration.Generate(_broken).Commitment;
        foreach (int half in new[] { 0, 33 })
        {
            Bytes66 bytes = good.Bytes;
            ((Span<byte>)bytes).Slice(half, 33).Clear();
            AssertBlames(NonceAggregation.Aggregate(SeatSet.All(2), [good, new Commitment(bytes)]).Refusal, 1, 1);
        }

        AssertBlames(NonceAggregation.Aggregate(SeatSet.All(1), [default]).Refusal, 0, 0);
    }

    [Fact]
    public void A_commitment_too_many_or_too_few_is_refused()
    {
        Commitment good = NonceGeneration.Generate(_broken).Commitment;
        Assert.Equal(FrostCode.CommitmentCountMismatch, NonceAggregation.Aggregate(SeatSet.All(2), [good]).Refusal.Code);
        Assert.Equal(FrostCode.CommitmentCountMismatch, NonceAggregation.Aggregate(SeatSet.All(1), [good, good]).Refusal.Code);
    }

    [Fact]
    public void A_nonce_that_was_drawn_is_the_nonce_that_was_read_from_its_bytes() => SeededRuns.ForEach(5, static random =>
    {
        Commitment drawn = NonceGeneration.Generate(random.NextBytes(32)).Commitment;
        Commitment read = new(drawn.Bytes);
        AssertSame(drawn, read);
        // The second time the points are remembered.
        foreach (int _ in new[] { 1, 2 })
        {
            Assert.True(read.IsValid());
            Assert.True(drawn.TryParse(out Point first, out Point second));
            Assert.True(read.TryParse(out Point readFirst, out Point readSecond));
            Assert.Equal((first, second), (readFirst, readSecond));
        }

        AssertSame(drawn, read);
        Assert.NotEqual(drawn, default);
        Assert.False(default(Commitment).IsValid());
    });

    [Fact]
    public void A_nonce_that_was_summed_is_the_nonce_that_was_read_from_its_bytes() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        AggregateNonce read = new(round.AggregateNonce.Bytes);
        AssertSame(round.AggregateNonce, read);
        SessionValues session = SessionValues.Create(round.Group, round.Signers, read, round.Key, round.Message).Value;
        Assert.Equal(round.Session.NonceCoefficient, session.NonceCoefficient);
        Assert.Equal(round.Session.FinalNonce, session.FinalNonce);
        Assert.Equal(round.Session.Challenge, session.Challenge);
        Assert.NotEqual(round.AggregateNonce, default);
    });

    private static void AssertSame<T>(T left, T right)
        where T : struct
    {
        Assert.Equal(left, right);
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
        Assert.Equal(left.ToString(), right.ToString());
    }

    private static void AssertBlames(FrostRefusal refusal, int index, int seat) => Assert.Equal(
        (FrostCode.InvalidCommitment, index, new SeatId(seat), Contribution.Commitment),
        (refusal.Code, refusal.BlamedIndex, refusal.BlamedSeat, refusal.Contribution));

    private static Commitment Generate(SecretShare? share, Point? publicShare, XOnlyPublicKey? key, ReadOnlyMemory<byte>? message, ReadOnlyMemory<byte> extra)
    {
        using SecretNonce nonce = NonceGeneration.Generate(_broken, share, publicShare, key, message, extra);
        return nonce.Commitment;
    }

    private static string[] Halves(Commitment commitment) => [commitment.ToString()[..66], commitment.ToString()[66..]];
}
