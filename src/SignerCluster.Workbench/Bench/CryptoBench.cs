using System.Diagnostics;
using System.Security.Cryptography;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Workbench.Bench;

/// <summary>
/// Measures the cryptography of one signature, every party's share of it in one thread: t nonces drawn, t times the session values derived
/// from all commitments and a share made; then as the coordinator all shares verified, aggregated, and the signature verified.
/// </summary>
internal sealed class CryptoBench : IDisposable
{
    private const int MinimumRounds = 21;
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(2);
    private readonly Dealing _dealing;
    private readonly ThresholdInfo _group;
    private readonly TweakedKey _key;
    private readonly SeatSet _signers;
    private readonly Bytes32 _message = FixedBytes.From<Bytes32>(RandomNumberGenerator.GetBytes(32));

    internal CryptoBench(int threshold, int participants)
    {
        _dealing = Dealer.Deal(RandomNumberGenerator.GetBytes(32), threshold, participants).Value;
        _group = _dealing.Transcript.Verify().Value;
        Scalar tweak = Taproot.Tweak(_group.GroupKey.XOnly, merkleRoot: null);
        _key = TweakedKey.Create(_group.GroupKey, [new Tweak(tweak, TweakMode.XOnly)]).Value;
        _signers = SeatSet.All(threshold);
    }

    internal CryptoBenchDocument Run(CancellationToken cancellation)
    {
        Repeat(_warmUp, aggregatesOnce: false, cancellation);
        double everySeatMs = Median(Repeat(_measured, aggregatesOnce: false, cancellation));
        double onceMs = Median(Repeat(_measured, aggregatesOnce: true, cancellation));
        return new CryptoBenchDocument(_group.Threshold, _group.Participants, onceMs, everySeatMs);
    }

    public void Dispose() => _dealing.Dispose();

    private static double Median(List<double> roundsMs)
    {
        roundsMs.Sort();
        return ClusterBench.Percentile(roundsMs, 0.50);
    }

    private List<double> Repeat(TimeSpan time, bool aggregatesOnce, CancellationToken cancellation)
    {
        List<double> roundsMs = [];
        for (Stopwatch total = Stopwatch.StartNew(); total.Elapsed < time || roundsMs.Count < MinimumRounds;)
        {
            cancellation.ThrowIfCancellationRequested();
            long begun = Stopwatch.GetTimestamp();
            SignOnce(aggregatesOnce);
            roundsMs.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return roundsMs;
    }

    private void SignOnce(bool aggregatesOnce)
    {
        int count = _signers.Count;
        SecretNonce[] nonces = new SecretNonce[count];
        Commitment[] commitments = new Commitment[count];
        for (int index = 0; index < count; index++)
        {
            SecretShare secret = _dealing.Shares[index];
            nonces[index] = NonceGeneration.Generate(
                RandomNumberGenerator.GetBytes(32),
                secret,
                secret.PublicShare,
                _group.GroupKey.XOnly,
                _message.AsSpan().ToArray(),
                _message.AsSpan().ToArray());
            commitments[index] = nonces[index].Commitment;
        }

        AggregateNonce? aggregate = aggregatesOnce ? Aggregate(commitments) : null;
        Share[] shares = new Share[count];
        for (int index = 0; index < count; index++)
        {
            shares[index] = Signing.Sign(nonces[index], _dealing.Shares[index], Derive(aggregate ?? Aggregate(commitments))).Value;
        }

        Coordinate(aggregate ?? Aggregate(commitments), commitments, shares);
    }

    private void Coordinate(AggregateNonce aggregate, Commitment[] commitments, Share[] shares)
    {
        SessionValues session = Derive(aggregate);
        for (int index = 0; index < shares.Length; index++)
        {
            Require(ShareVerification.Verify(session, _signers.At(index), commitments[index], shares[index]));
        }

        Require(Bip340.Verify(_key.OutputKey, _message.AsSpan(), ShareAggregation.Aggregate(session, shares).Value));
    }

    private AggregateNonce Aggregate(Commitment[] commitments) => NonceAggregation.Aggregate(_signers, commitments).Value;

    private SessionValues Derive(AggregateNonce aggregate) => SessionValues.Create(_group, _signers, aggregate, _key, _message.AsSpan()).Value;

    private static void Require(bool valid)
    {
        if (!valid)
        {
            throw new UnreachableException("Honest shares did not verify.");
        }
    }
}
