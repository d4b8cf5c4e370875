using System.Numerics;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class ShareTests : FrostTests
{
    private static Share Zero => default;

    [Fact]
    public void A_negated_or_altered_share_is_refused() => SeededRuns.ForEach(10, static random =>
    {
        using Round round = new(random, 2, 3, 2, random.Next(3));
        Share share = round.Sign(round.First);
        Scalar value = CurveTwin.Scalar(CurveTwin.Int(share.Bytes));
        Assert.True(round.Verifies(round.First, share));
        Assert.False(round.Verifies(round.First, new Share((-value).ToBytes())));
        Assert.False(round.Verifies(round.First, new Share((value + Scalar.One).ToBytes())));
        Assert.False(round.Verifies(round.First, Zero));
    });

    [Fact]
    public void A_share_ofZero_is_an_ordinary_number_to_verification() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 1, 2, 1);
        // The one commitment for which zero is right: it cancels what the secret share contributes.
        BigInteger weight = CurveTwin.Int(round.Session.ShareWeight(round.First)) * (round.Session.FinalNonce.HasEvenY ? 1 : -1);
        BigInteger second = CurveTwin.Int(round.NonceBytes(round.First).AsSpan(32));
        BigInteger first = -(weight * round.Secret(round.First)) - (CurveTwin.Int(round.Session.NonceCoefficient) * second);
        Commitment fitting = Commitment.From(Point.FromScalar(CurveTwin.Scalar(first)), Point.FromScalar(CurveTwin.Scalar(second)));
        Assert.True(ShareVerification.Verify(round.Session, round.First, fitting, Zero));
        Assert.False(ShareVerification.Verify(round.Session, round.First, fitting, new Share(Scalar.One.ToBytes())));
    });

    [Fact]
    public void A_share_of_the_order_or_above_never_verifies_and_is_blamed_when_added_up() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 3, 5, 3);
        Share[] shares = round.SignAll();
        foreach (BigInteger value in new[] { CurveTwin.N, (BigInteger.One << 256) - 1 })
        {
            Share tooLarge = new(FixedBytes.From<Bytes32>(CurveTwin.Bytes(value)));
            Assert.False(round.Verifies(round.Signers.At(1), tooLarge));
            FrostRefusal refusal = ShareAggregation.Aggregate(round.Session, [shares[0], tooLarge, shares[2]]).Refusal;
            Assert.Equal(
                (FrostCode.ShareOutOfRange, 1, round.Signers.At(1), Contribution.Share),
                (refusal.Code, refusal.BlamedIndex, refusal.BlamedSeat, refusal.Contribution));
        }
    });

    [Fact]
    public void A_share_too_many_or_too_few_is_refused() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        Share[] shares = round.SignAll();
        Assert.Equal(FrostCode.ShareCountMismatch, ShareAggregation.Aggregate(round.Session, shares[..1]).Refusal.Code);
        Assert.Equal(FrostCode.ShareCountMismatch, ShareAggregation.Aggregate(round.Session, [.. shares, shares[0]]).Refusal.Code);
    });

    [Fact]
    public void Shares_that_sum_toZero_are_added_up_without_a_native_failure() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        Scalar share = CurveTwin.Scalar(random.NextInteger());
        Bytes64 signature = ShareAggregation.Aggregate(round.Session, [new Share(share.ToBytes()), new Share((-share).ToBytes())]).Value;
        Assert.Equal(new string('0', 64), signature.ToString()[64..]);
        Assert.False(Bip340.Verify(round.Key.OutputKey, round.Message, signature));
    });

    [Fact]
    public void One_bad_share_is_found_by_its_seat_and_spoils_the_signature() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 3, 5, 4);
        Share[] shares = round.SignAll();
        int culprit = random.Next(4);
        shares[culprit] = new Share(CurveTwin.Scalar(random.NextInteger()).ToBytes());
        Assert.Equal([culprit], Enumerable.Range(0, 4).Where(index => !round.Verifies(round.Signers.At(index), shares[index])));
        Assert.False(Bip340.Verify(round.Key.OutputKey, round.Message, ShareAggregation.Aggregate(round.Session, shares).Value));
    });

    [Fact]
    public void Fewer_than_the_threshold_of_shares_verify_nothing() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 3, 5, 3);
        // The group that the two would have to pretend to be: same key, lower threshold.
        ThresholdInfo lower = ThresholdInfo.Create(2, 5, round.Group.GroupKey, null).Value;
        SeatSet two = round.Signers.Without(round.First);
        AggregateNonce nonce = NonceAggregation.Aggregate(two, round.Commitments.AsSpan(1)).Value;
        SessionValues session = SessionValues.Create(lower, two, nonce, round.Key, round.Message).Value;
        Share[] shares = [.. two.Select(seat => round.Sign(seat, session))];
        Assert.False(Bip340.Verify(round.Key.OutputKey, round.Message, ShareAggregation.Aggregate(session, shares).Value));
        Assert.Equal(
            FrostCode.SignerCountOutOfRange, SessionValues.Create(round.Group, two, nonce, round.Key, round.Message).Refusal.Code);
    });

    [Fact]
    public void A_share_of_another_dealing_is_refused_by_its_owner_and_by_everyone_else() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        using Round stale = new(random, 2, 3, 2);
        SecretShare mixed = stale.SecretShare(round.First);
        Assert.Equal(FrostCode.OwnPublicShareMismatch, Signing.Sign(round.Nonce(round.First), mixed, round.Session).Refusal.Code);
        ThresholdInfo blind = ThresholdInfo.Create(2, 3, round.Group.GroupKey, null).Value;
        SessionValues session = SessionValues.Create(blind, round.Signers, round.AggregateNonce, round.Key, round.Message).Value;
        Share share = Signing.Sign(round.Nonce(round.First), mixed, session).Value;
        Assert.False(round.Verifies(round.First, share));
        Share[] shares = [share, round.Sign(round.Signers.At(1))];
        Assert.False(Bip340.Verify(round.Key.OutputKey, round.Message, ShareAggregation.Aggregate(round.Session, shares).Value));
    });
}
