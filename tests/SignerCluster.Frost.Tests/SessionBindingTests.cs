using System.Numerics;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class SessionBindingTests : FrostTests
{
    [Fact]
    public void The_nonce_coefficient_changes_with_everything_it_binds() => SeededRuns.ForEach(20, static random =>
    {
        using Round round = new(random, 2, 8, 3, tweaks: 1);
        using Round other = new(random, 2, 8, 3);
        SeatSet fewer = round.Signers.Without(round.First);
        SeatSet exchanged = fewer.With(round.Group.Seats.Except(round.Signers).At(0));
        SeatSet more = round.Signers.Union(exchanged);
        byte[] longer = [.. round.Message, 0];
        TweakedKey tweakedOnce = round.Key.Apply(new Tweak(Scalar.One, TweakMode.Plain)).Value;
        Scalar[] coefficients =
        [
            Coefficient(round.Signers, round.AggregateNonce, round.Key, round.Message),
            Coefficient(fewer, round.AggregateNonce, round.Key, round.Message),
            Coefficient(exchanged, round.AggregateNonce, round.Key, round.Message),
            Coefficient(more, round.AggregateNonce, round.Key, round.Message),
            Coefficient(round.Signers, other.AggregateNonce, round.Key, round.Message),
            Coefficient(round.Signers, round.AggregateNonce, tweakedOnce, round.Message),
            Coefficient(round.Signers, round.AggregateNonce, round.Key, longer),
        ];
        Assert.Equal(coefficients.Length, coefficients.Distinct().Count());
        Assert.Equal(coefficients[0], Coefficient(round.Signers, round.AggregateNonce, round.Key, round.Message));

        Scalar Coefficient(SeatSet signers, AggregateNonce nonce, TweakedKey key, byte[] message) =>
            SessionValues.Create(round.Group, signers, nonce, key, message).Value.NonceCoefficient;
    });

    [Fact]
    public void The_order_in_which_signers_are_listed_does_not_matter() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 3, 6, 4);
        SeatId[] shuffled = [.. round.Signers];
        random.Shuffle(shuffled);
        SignerSelection selection = SignerSelection.Create(
            3, 6, round.Group.GroupKey.ToCompressed(), [.. shuffled.Select(static seat => (long)seat.Value)],
            [.. shuffled.Select(seat => round.Group.PublicShare(seat)!.Value.ToCompressed())]).Value;
        SessionValues session = SessionValues.Create(selection.Group, selection.Signers, round.AggregateNonce, round.Key, round.Message).Value;
        Assert.Equal(round.Session.NonceCoefficient, session.NonceCoefficient);
        Assert.Equal(round.Sign(round.First), round.Sign(round.First, session));
    });

    [Fact]
    public void A_count_of_bytes_instead_of_signers_gives_another_coefficient() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        byte[] ids = [.. round.Signers.SelectMany(static seat => FrostTwin.Word(seat.Value))];
        byte[] rest = [.. ids, .. round.AggregateNonce.Bytes, .. round.Key.OutputKey.ToBytes(), .. round.Message];
        BigInteger defective = CurveTwin.TaggedHash("BIP0445/noncecoef", FrostTwin.Word(4 * 2), rest) % CurveTwin.N;
        BigInteger right = CurveTwin.TaggedHash("BIP0445/noncecoef", FrostTwin.Word(2), rest) % CurveTwin.N;
        Assert.Equal(right, CurveTwin.Int(round.Session.NonceCoefficient));
        Assert.NotEqual(defective, CurveTwin.Int(round.Session.NonceCoefficient));
    });

    [Fact]
    public void Shares_made_for_another_aggregate_nonce_or_another_signer_set_verify_nowhere_else() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 5, 3);
        AggregateNonce otherNonce = NonceAggregation.Aggregate(round.Commitments.AsSpan(0, 2)).Value;
        SeatSet otherSigners = round.Signers.Without(round.Signers.At(2));
        SessionValues[] told =
        [
            SessionValues.Create(round.Group, round.Signers, otherNonce, round.Key, round.Message).Value,
            SessionValues.Create(round.Group, otherSigners, round.AggregateNonce, round.Key, round.Message).Value,
            SessionValues.Create(round.Group, round.Signers, round.AggregateNonce, round.Key, [.. round.Message, 1]).Value,
        ];
        foreach (SessionValues session in told)
        {
            Share share = round.Sign(round.First, session);
            Assert.True(ShareVerification.Verify(session, round.First, round.Commitment(round.First), share));
            Assert.False(round.Verifies(round.First, share));
            Share[] shares = [share, .. round.SignAll()[1..]];
            Assert.False(Bip340.Verify(round.Key.OutputKey, round.Message, ShareAggregation.Aggregate(round.Session, shares).Value));
        }
    });

    [Fact]
    public void A_share_is_only_for_its_own_seat_and_its_own_commitment() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 4, 2);
        SeatId second = round.Signers.At(1);
        SeatId outside = round.Group.Seats.Except(round.Signers).At(0);
        Share share = round.Sign(round.First);
        Assert.True(round.Verifies(round.First, share));
        Assert.False(round.Verifies(second, share));
        Assert.False(ShareVerification.Verify(round.Session, round.First, round.Commitment(second), share));
        Assert.False(ShareVerification.Verify(round.Session, second, round.Commitment(round.First), share));
        Assert.False(ShareVerification.Verify(round.Session, outside, round.Commitment(round.First), share));
        Assert.False(ShareVerification.Verify(round.Session, round.First, default, share));
    });

    [Fact]
    public void Without_public_shares_a_share_under_a_wrong_seat_is_signed_silently_and_worthless() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        using SecretShare misplaced = SecretShare.Create(round.First, CurveTwin.Bytes(round.Secret(round.Signers.At(1)))).Value;
        Assert.Equal(FrostCode.OwnPublicShareMismatch, Signing.Sign(round.Nonce(round.First), misplaced, round.Session).Refusal.Code);

        ThresholdInfo blind = ThresholdInfo.Create(2, 3, round.Group.GroupKey, null).Value;
        SessionValues session = SessionValues.Create(blind, round.Signers, round.AggregateNonce, round.Key, round.Message).Value;
        Assert.False(round.Verifies(round.First, Signing.Sign(round.Nonce(round.First), misplaced, session).Value));
        Assert.True(round.Verifies(round.First, round.Sign(round.First, session)));
    });

    [Fact]
    public void Without_public_shares_nobody_can_be_judged() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 1, 2, 1);
        ThresholdInfo blind = ThresholdInfo.Create(1, 2, round.Group.GroupKey, null).Value;
        SessionValues session = SessionValues.Create(blind, round.Signers, round.AggregateNonce, round.Key, round.Message).Value;
        Share share = round.Sign(round.First);
        Assert.Throws<InvalidOperationException>(() => ShareVerification.Verify(session, round.First, round.Commitment(round.First), share));
    });

    [Fact]
    public void A_signer_that_cancels_the_nonces_of_the_others_is_found_and_stops_nobody() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 3, 5, 3);
        SeatId rushing = round.Signers.At(random.Next(3));
        Commitment[] commitments = [.. round.Commitments];
        commitments[round.Signers.IndexOf(rushing)] = Cancel(round, rushing);
        AggregateNonce nonce = NonceAggregation.Aggregate(round.Signers, commitments).Value;
        Assert.Equal(default, nonce.Bytes);

        SessionValues session = SessionValues.Create(round.Group, round.Signers, nonce, round.Key, round.Message).Value;
        Assert.Equal(Point.Generator, session.FinalNonce);
        SeatId[] invalid = [.. round.Signers.Where(
            seat => !ShareVerification.Verify(session, seat, commitments[round.Signers.IndexOf(seat)], round.Sign(seat, session)))];
        Assert.Equal([rushing], invalid);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void One_cancelled_half_of_the_aggregate_nonce_is_an_ordinary_session(int half) => SeededRuns.ForEach(5, random =>
    {
        using Round round = new(random, 1, 1, 1);
        Bytes66 bytes = round.AggregateNonce.Bytes;
        ((Span<byte>)bytes).Slice(half, 33).Clear();
        byte[] aggregate = [.. bytes];
        SessionValues session = SessionValues.Create(round.Group, round.Signers, new AggregateNonce(bytes), round.Key, round.Message).Value;
        TwinKey key = FrostTwin.Tweak(CurveTwin.Decode([.. round.Group.GroupKey.ToCompressed()]), round.Tweaks);
        TwinSession twin = FrostTwin.Session([0], aggregate, key, round.Message);
        Assert.Equal(Convert.ToHexStringLower(CurveTwin.Encode(twin.Nonce)), session.FinalNonce.ToString());
    });

    [Fact]
    public void A_session_is_refused_for_signers_or_a_key_that_are_not_of_the_group() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        using Round other = new(random, 2, 3, 2);
        Assert.Equal(FrostCode.SignerCountOutOfRange, Code(SeatSet.Of(new SeatId(0)), round.AggregateNonce, round.Key));
        Assert.Equal(FrostCode.SignerCountOutOfRange, Code(SeatSet.All(4), round.AggregateNonce, round.Key));
        Assert.Equal(FrostCode.SignerCountOutOfRange, Code(default, round.AggregateNonce, round.Key));
        Assert.Equal(FrostCode.SeatOutOfRange, Code(SeatSet.Of(new SeatId(0), new SeatId(3)), round.AggregateNonce, round.Key));
        Assert.Equal(FrostCode.TweakedKeyOfAnotherGroup, Code(round.Signers, round.AggregateNonce, other.Key));
        Bytes66 bad = round.AggregateNonce.Bytes;
        bad[33] = 4;
        FrostRefusal refusal = SessionValues.Create(round.Group, round.Signers, new AggregateNonce(bad), round.Key, []).Refusal;
        Assert.Equal((FrostCode.InvalidAggregateNonce, Contribution.AggregateNonce, null), (refusal.Code, refusal.Contribution, refusal.BlamedSeat));

        string Code(SeatSet signers, AggregateNonce nonce, TweakedKey key) => SessionValues.Create(round.Group, signers, nonce, key, []).Refusal.Code;
    });

    private static Commitment Cancel(Round round, SeatId rushing)
    {
        Point first = Point.Infinity;
        Point second = Point.Infinity;
        foreach (SeatId seat in round.Signers.Without(rushing))
        {
            Assert.True(round.Commitment(seat).TryParse(out Point left, out Point right));
            (first, second) = (first - left, second - right);
        }

        return Commitment.From(first, second);
    }
}
