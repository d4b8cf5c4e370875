using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class DeterministicSigningTests : FrostTests
{
    [Fact]
    public void It_is_off_unless_asked_for_by_name()
    {
        Assert.Empty(typeof(DeterministicSigning).GetConstructors());
        string[] factories = [.. typeof(DeterministicSigning).GetMethods().Where(static method => method.IsStatic).Select(static method => method.Name)];
        Assert.Equal([nameof(DeterministicSigning.EnableForTheLastSigner)], factories);
    }

    [Fact]
    public void The_same_inputs_give_the_same_answer_and_any_other_input_another_nonce() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 5, 3, tweaks: 1);
        AggregateNonce others = new(NonceAggregation.Aggregate(round.Commitments.AsSpan(1)).Value.Bytes);
        AggregateNonce otherNonce = new(round.Commitments[2].Bytes);
        SeatSet otherSigners = round.Signers.Without(round.Signers.At(2));
        byte[] auxiliary = random.NextBytes(32);
        DeterministicShare first = Sign(round, others, round.Signers, round.Message, auxiliary);
        Assert.Equal(first, Sign(round, others, SeatSet.Of([.. round.Signers.Reverse()]), round.Message, auxiliary));
        Commitment[] commitments =
        [
            first.Commitment,
            Sign(round, others, otherSigners, round.Message, auxiliary).Commitment,
            Sign(round, otherNonce, round.Signers, round.Message, auxiliary).Commitment,
            Sign(round, null, round.Signers, round.Message, auxiliary).Commitment,
            Sign(round, others, round.Signers, [.. round.Message, 1], auxiliary).Commitment,
            Sign(round, others, round.Signers, round.Message, null).Commitment,
            Sign(round, others, round.Signers, round.Message, new byte[32]).Commitment,
        ];
        Assert.Equal(commitments.Length, commitments.Distinct().Count());
    });

    [Fact]
    public void The_last_signers_share_completes_an_ordinary_session() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 4, 3, random.Next(0, 5));
        AggregateNonce others = NonceAggregation.Aggregate(round.Commitments.AsSpan(1)).Value;
        DeterministicShare last = Sign(round, others, round.Signers, round.Message, null);
        AggregateNonce nonce = NonceAggregation.Aggregate(round.Signers, [last.Commitment, .. round.Commitments.AsSpan(1)]).Value;
        SessionValues session = SessionValues.Create(round.Group, round.Signers, nonce, round.Key, round.Message).Value;
        Assert.True(ShareVerification.Verify(session, round.First, last.Commitment, last.Share));
        Share[] shares = [last.Share, .. round.Signers.Without(round.First).Select(seat => round.Sign(seat, session))];
        Assert.True(Bip340.Verify(round.Key.OutputKey, round.Message, ShareAggregation.Aggregate(session, shares).Value));
    });

    [Fact]
    public void Auxiliary_randomness_is_32_bytes() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 1, 1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sign(round, null, round.Signers, [], new byte[31]));
    });

    private static DeterministicShare Sign(Round round, AggregateNonce? others, SeatSet signers, byte[] message, byte[]? auxiliary) =>
        DeterministicSigning.EnableForTheLastSigner().Sign(
            round.SecretShare(round.First), others, round.Group, signers, round.Key, message,
            auxiliary is null ? default(ReadOnlyMemory<byte>?) : auxiliary.AsMemory()).Value;
}
