using System.Numerics;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

/// <summary>Whole signings compared with the twin, and in greater number with the BIP-340 verifier.</summary>
public sealed class TwinTests : FrostTests
{
    [Fact]
    public void Every_value_of_a_signing_matches_the_twin() => SeededRuns.ForEach(12, static random =>
    {
        int participants = random.Next(1, 9);
        CompareWithTwin(random, random.Next(1, participants + 1), participants);
    });

    [Theory]
    [InlineData(1, 128)]
    [InlineData(64, 128)]
    [InlineData(128, 128)]
    public void Every_value_of_a_large_signing_matches_the_twin(int threshold, int participants) =>
        SeededRuns.ForEach(1, random => CompareWithTwin(random, threshold, participants));

    [Fact]
    public void All_parities_and_all_tweak_chains_give_valid_signatures()
    {
        HashSet<(bool KeyIsEven, bool NonceIsEven, int Tweaks)> met = [];
        SeededRuns.ForEach(1000, random =>
        {
            int participants = random.Next(1, 6);
            int threshold = random.Next(1, participants + 1);
            int tweaks = random.Next(0, 5);
            using Round round = new(random, threshold, participants, random.Next(threshold, participants + 1), tweaks);
            met.Add((round.Key.Point.HasEvenY, round.Session.FinalNonce.HasEvenY, tweaks));
            AssertSigns(round);
        });
        // Replaying one seed meets one combination; a full run misses one of the twenty with a probability below 10^-20.
        Assert.True(met.Count is 1 or 20, $"{met.Count} of 20 combinations occurred.");
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(67, 100)]
    [InlineData(86, 128)]
    [InlineData(128, 128)]
    public void Large_groups_give_valid_signatures(int threshold, int participants) => SeededRuns.ForEach(2, random =>
    {
        using Round round = new(random, threshold, participants, random.Next(threshold, participants + 1), random.Next(0, 5));
        AssertSigns(round);
    });

    private static void AssertSigns(Round round)
    {
        Share[] shares = round.SignAll();
        Assert.All(round.Signers.Zip(shares), pair => Assert.True(round.Verifies(pair.First, pair.Second)));
        Bytes64 signature = ShareAggregation.Aggregate(round.Session, shares).Value;
        Assert.True(Bip340.Verify(round.Key.OutputKey, round.Message, signature));
    }

    private static void CompareWithTwin(Random random, int threshold, int participants)
    {
        using Round round = new(random, threshold, participants, random.Next(threshold, participants + 1), random.Next(0, 5));
        int[] ids = [.. round.Signers.Select(static seat => seat.Value)];
        byte[] nonces = FrostTwin.AggregateNonces([.. round.Commitments.Select(static commitment => ToArray(commitment.Bytes))]);
        TwinKey key = FrostTwin.Tweak(CurveTwin.Decode(Encode(round.Group.GroupKey)), round.Tweaks);
        TwinSession session = FrostTwin.Session(ids, nonces, key, round.Message);

        Assert.Equal(nonces, ToArray(round.AggregateNonce.Bytes));
        Assert.Equal(CurveTwin.Encode(key.Point), Encode(round.Key.Point));
        Assert.Equal((key.Sign < 0, key.Sum), (round.Key.IsNegated, CurveTwin.Int(round.Key.TweakSum)));
        Assert.Equal(session.B, CurveTwin.Int(round.Session.NonceCoefficient));
        Assert.Equal(CurveTwin.Encode(session.Nonce), Encode(round.Session.FinalNonce));
        Assert.Equal(session.E, CurveTwin.Int(round.Session.Challenge));

        Share[] shares = round.SignAll();
        BigInteger[] expected = [.. round.Signers.Select(seat => SignTwice(round, session, seat))];
        Assert.Equal(expected, shares.Select(static share => CurveTwin.Int(share.Bytes)));
        Assert.Equal(
            Convert.ToHexStringLower(FrostTwin.Aggregate(session, expected)), ShareAggregation.Aggregate(round.Session, shares).Value.ToString());
    }

    private static BigInteger SignTwice(Round round, TwinSession session, SeatId seat)
    {
        byte[] nonce = round.NonceBytes(seat);
        return FrostTwin.Sign(session, seat.Value, round.Secret(seat), CurveTwin.Int(nonce.AsSpan(0, 32)), CurveTwin.Int(nonce.AsSpan(32)));
    }

    private static byte[] Encode(Point point) => [.. point.ToCompressed()];

    private static byte[] ToArray(Bytes66 bytes) => [.. bytes];
}
