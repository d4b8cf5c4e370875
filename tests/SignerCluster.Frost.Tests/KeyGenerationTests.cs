using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class KeyGenerationTests : FrostTests
{
    private static readonly byte[] _entropy = [.. Enumerable.Range(1, 32).Select(static index => (byte)index)];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 3)]
    [InlineData(2, 3)]
    [InlineData(1, 128)]
    [InlineData(128, 128)]
    public void Every_receiver_accepts_an_honest_dealing(int threshold, int participants)
    {
        using Dealing dealing = Deal(threshold, participants);
        ThresholdInfo group = dealing.Transcript.Verify().Value;
        Assert.Equal((threshold, participants), (group.Threshold, group.Participants));
        Assert.Equal(dealing.Transcript.GroupKey, group.GroupKey);
        Assert.True(group.HasAllPublicShares);
        Assert.Equal(threshold, dealing.Transcript.CoefficientCommitments.Count);
        Assert.Equal(Enumerable.Range(0, participants), dealing.Shares.Select(static share => share.Seat.Value));
        foreach (SecretShare share in dealing.Shares.Take(3).Append(dealing.Shares[^1]))
        {
            Assert.True(dealing.Transcript.Verify(share).IsAccepted);
            Assert.Equal(share.PublicShare, group.PublicShare(share.Seat));
        }
    }

    [Theory]
    [InlineData(0, 3, FrostCode.ThresholdOutOfRange)]
    [InlineData(-1, 3, FrostCode.ThresholdOutOfRange)]
    [InlineData(4, 3, FrostCode.ThresholdOutOfRange)]
    [InlineData(0, 0, FrostCode.ThresholdOutOfRange)]
    [InlineData(2, 129, FrostCode.TooManyParticipants)]
    [InlineData(129, 129, FrostCode.TooManyParticipants)]
    [InlineData(1, int.MaxValue, FrostCode.TooManyParticipants)]
    public void A_size_outside_the_limits_is_refused_everywhere(int threshold, int participants, string code)
    {
        Point key = Point.Generator;
        Assert.Equal(code, Dealer.Deal(_entropy, threshold, participants).Refusal.Code);
        Assert.Equal(code, ThresholdInfo.Create(threshold, participants, key, null).Refusal.Code);
        Assert.Equal(code, KeyGenerationTranscript.Create(threshold, participants, [], key, []).Refusal.Code);
        Assert.Equal(code, SignerSelection.Create(threshold, participants, key.ToCompressed(), [], null).Refusal.Code);
    }

    [Fact]
    public void The_shares_lie_on_the_polynomial_that_the_commitments_name() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 3, 5, 3);
        var secret = round.Signers.Aggregate(
            System.Numerics.BigInteger.Zero,
            (sum, seat) => sum + (FrostTwin.Lambda(round.Signers.Select(static id => id.Value), seat.Value) * round.Secret(seat)));
        Assert.Equal(round.Group.GroupKey, Point.FromScalar(CurveTwin.Scalar(secret)));
        Assert.Equal(round.Group.GroupKey, round.Transcript.CoefficientCommitments[0]);
    });

    [Fact]
    public void The_dealing_follows_from_entropy_threshold_and_size_alone()
    {
        using Dealing dealing = Deal(2, 3);
        using Dealing again = Deal(2, 3);
        Assert.Equal(dealing.Transcript.GroupKey, again.Transcript.GroupKey);
        Assert.Equal(dealing.Transcript.PublicShares, again.Transcript.PublicShares);

        byte[] otherEntropy = [.. _entropy.AsSpan(0, 31), 0];
        Dealing[] others =
            [Deal(3, 3), Deal(2, 4), Deal(1, 3), Dealer.Deal(otherEntropy, 2, 3).Value, Dealer.Deal([.. _entropy, 0], 2, 3).Value];
        Point[] known = [.. others.Append(dealing).SelectMany(static other => other.Transcript.CoefficientCommitments)];
        Assert.Equal(known.Length, known.Distinct().Count());
        Array.ForEach(others, static other => other.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    public void Less_than_32_bytes_of_entropy_are_a_mistake_of_the_caller(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Dealer.Deal(new byte[length], 2, 3));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_altered_commitment_is_refused_by_every_receiver(int degree)
    {
        using Dealing dealing = Deal(3, 4);
        Point[] commitments = [.. dealing.Transcript.CoefficientCommitments];
        commitments[degree] += Point.Generator;
        KeyGenerationTranscript altered = Transcript(dealing, commitments: commitments);
        string expected = degree == 0 ? FrostCode.PublicSharesMismatch : FrostCode.DealtPublicShareMismatch;
        Assert.All(dealing.Shares, share => Assert.Equal(expected, altered.Verify(share).Refusal.Code));
    }

    [Fact]
    public void An_altered_constant_commitment_with_the_group_key_to_match_is_refused()
    {
        using Dealing dealing = Deal(3, 4);
        Point[] commitments = [.. dealing.Transcript.CoefficientCommitments];
        commitments[0] += Point.Generator;
        Outcome<ThresholdInfo> outcome = Transcript(dealing, commitments, commitments[0]).Verify();
        Assert.Equal((FrostCode.DealtPublicShareMismatch, 0), (outcome.Refusal.Code, outcome.Refusal.BlamedIndex));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void An_altered_public_share_is_refused_by_every_receiver_and_named(int seat)
    {
        using Dealing dealing = Deal(3, 4);
        Point[] shares = [.. dealing.Transcript.PublicShares];
        shares[seat] = -shares[seat];
        KeyGenerationTranscript altered = Transcript(dealing, publicShares: shares);
        Assert.All(dealing.Shares, share =>
        {
            FrostRefusal refusal = altered.Verify(share).Refusal;
            Assert.Equal((FrostCode.DealtPublicShareMismatch, seat, new SeatId(seat)), (refusal.Code, refusal.BlamedIndex, refusal.BlamedSeat));
        });
    }

    [Fact]
    public void An_altered_group_key_is_refused()
    {
        using Dealing dealing = Deal(2, 3);
        Assert.Equal(FrostCode.PublicSharesMismatch, Transcript(dealing, groupKey: -dealing.Transcript.GroupKey).Verify().Refusal.Code);
    }

    [Fact]
    public void An_altered_secret_share_and_one_under_a_wrong_seat_are_refused_by_their_receiver()
    {
        using Dealing dealing = Deal(2, 3);
        using SecretShare altered = SecretShare.Create(new SeatId(1), CurveTwin.Bytes(12345)).Value;
        byte[] secret = new byte[32];
        dealing.Shares[1].CopyTo(secret);
        using SecretShare misplaced = SecretShare.Create(new SeatId(2), secret).Value;
        using SecretShare outside = SecretShare.Create(new SeatId(3), secret).Value;
        Assert.Equal((FrostCode.DealtShareMismatch, new SeatId(1)), Refused(dealing.Transcript.Verify(altered)));
        Assert.Equal((FrostCode.DealtShareMismatch, new SeatId(2)), Refused(dealing.Transcript.Verify(misplaced)));
        Assert.Equal((FrostCode.SeatOutOfRange, new SeatId(3)), Refused(dealing.Transcript.Verify(outside)));
    }

    [Fact]
    public void A_transcript_of_wrong_length_or_with_infinity_is_refused()
    {
        using Dealing dealing = Deal(2, 3);
        Point[] commitments = [.. dealing.Transcript.CoefficientCommitments];
        Point[] shares = [.. dealing.Transcript.PublicShares];
        Point key = dealing.Transcript.GroupKey;
        Assert.Equal(FrostCode.CoefficientCommitmentCountMismatch, Code(commitments[..1], key, shares));
        Assert.Equal(FrostCode.PublicShareCountMismatch, Code(commitments, key, shares[..2]));
        Assert.Equal(FrostCode.GroupKeyInfinite, Code(commitments, Point.Infinity, shares));
        Assert.Equal(FrostCode.InvalidCoefficientCommitment, Code([key, Point.Infinity], key, shares));
        Assert.Equal(FrostCode.InvalidPublicShare, Code(commitments, key, [shares[0], Point.Infinity, shares[2]]));

        static string Code(Point[] commitments, Point key, Point[] shares) => KeyGenerationTranscript.Create(2, 3, commitments, key, shares).Refusal.Code;
    }

    [Fact]
    public void A_secret_share_of_zero_or_the_order_or_another_length_is_refused()
    {
        foreach (byte[] bytes in new[] { new byte[32], CurveTwin.Bytes(CurveTwin.N), CurveTwin.Bytes(CurveTwin.N + 1), new byte[31], new byte[33], [] })
        {
            Assert.Equal(FrostCode.SecretShareOutOfRange, SecretShare.Create(new SeatId(0), bytes).Refusal.Code);
        }

        Assert.True(SecretShare.Create(new SeatId(0), CurveTwin.Bytes(CurveTwin.N - 1)).IsAccepted);
    }

    private static Dealing Deal(int threshold, int participants) => Dealer.Deal(_entropy, threshold, participants).Value;

    private static (string Code, SeatId? Seat) Refused(Outcome<ThresholdInfo> outcome) => (outcome.Refusal.Code, outcome.Refusal.BlamedSeat);

    private static KeyGenerationTranscript Transcript(Dealing dealing, Point[]? commitments = null, Point? groupKey = null, Point[]? publicShares = null)
    {
        KeyGenerationTranscript original = dealing.Transcript;
        return KeyGenerationTranscript.Create(
            original.Threshold,
            original.Participants,
            commitments ?? original.CoefficientCommitments,
            groupKey ?? original.GroupKey,
            publicShares ?? original.PublicShares).Value;
    }
}
