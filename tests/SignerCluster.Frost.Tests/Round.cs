using System.Numerics;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

/// <summary>One signing by a dealt group, every step at hand. The nonces' bytes are known, so that a test may sign with one twice.</summary>
internal sealed class Round : IDisposable
{
    private readonly Dealing _dealing;
    private readonly Dictionary<SeatId, byte[]> _nonces = [];

    internal Round(Random random, int threshold, int participants, int signers, int tweaks = 0)
    {
        _dealing = Dealer.Deal(random.NextBytes(32), threshold, participants).Value;
        Group = _dealing.Transcript.Verify().Value;
        Signers = PickSeats(random, participants, signers);
        Tweaks = [.. Enumerable.Range(0, tweaks).Select(_ => NextTweak(random))];
        Key = Group.Tweaked(Tweaks).Value;
        Message = random.NextBytes(random.Next(0, 80));
        foreach (SeatId seat in Signers)
        {
            _nonces[seat] = [.. CurveTwin.Bytes(random.NextInteger()), .. CurveTwin.Bytes(random.NextInteger())];
        }

        Commitments = [.. Signers.Select(seat => Nonce(seat).Commitment)];
        AggregateNonce = NonceAggregation.Aggregate(Signers, Commitments).Value;
        Session = SessionValues.Create(Group, Signers, AggregateNonce, Key, Message).Value;
    }

    internal ThresholdInfo Group { get; }

    internal KeyGenerationTranscript Transcript => _dealing.Transcript;

    internal SeatSet Signers { get; }

    internal IReadOnlyList<Tweak> Tweaks { get; }

    internal TweakedKey Key { get; }

    internal byte[] Message { get; }

    internal Commitment[] Commitments { get; }

    internal AggregateNonce AggregateNonce { get; }

    internal SessionValues Session { get; }

    internal SeatId First => Signers.At(0);

    internal static SeatSet PickSeats(Random random, int participants, int count)
    {
        int[] seats = [.. Enumerable.Range(0, participants)];
        random.Shuffle(seats);
        return SeatSet.Of([.. seats.Take(count).Select(static seat => new SeatId(seat))]);
    }

    internal static Tweak NextTweak(Random random) =>
        new(random.Next(8) == 0 ? Scalar.Zero : CurveTwin.Scalar(random.NextInteger()), random.Next(2) == 0 ? TweakMode.Plain : TweakMode.XOnly);

    internal SecretShare SecretShare(SeatId seat) => _dealing.Shares[seat.Value];

    internal byte[] NonceBytes(SeatId seat) => _nonces[seat];

    /// <summary>A fresh object over the same nonce each time, which only a test can have.</summary>
    internal SecretNonce Nonce(SeatId seat) => SecretNonce.Parse(_nonces[seat]).Value;

    internal Commitment Commitment(SeatId seat) => Commitments[Signers.IndexOf(seat)];

    internal Share Sign(SeatId seat, SessionValues? session = null) => Signing.Sign(Nonce(seat), SecretShare(seat), session ?? Session).Value;

    internal Share[] SignAll() => [.. Signers.Select(seat => Sign(seat))];

    internal bool Verifies(SeatId seat, Share share) => ShareVerification.Verify(Session, seat, Commitment(seat), share);

    internal BigInteger Secret(SeatId seat)
    {
        byte[] secret = new byte[32];
        SecretShare(seat).CopyTo(secret);
        return CurveTwin.Int(secret);
    }

    public void Dispose() => _dealing.Dispose();
}
