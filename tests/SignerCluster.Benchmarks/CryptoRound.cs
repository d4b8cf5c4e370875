using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Benchmarks;

/// <summary>
/// One BIP-340 signature with all parties in one thread: every signer generates its nonce, derives the session and signs; the coordinator
/// aggregates the nonces, derives the session, verifies each share, aggregates, and verifies the signature.
/// </summary>
[MemoryDiagnoser]
public class CryptoRound
{
    private readonly byte[] _message = RandomNumberGenerator.GetBytes(32);
    private Dealing _dealing = null!;
    private ThresholdInfo _group = null!;
    private SeatSet _signers;
    private Tweak[] _tweaks = [];

    [ParamsSource(nameof(Sizes))]
    public string Group { get; set; } = "2-of-3";

    public static IEnumerable<string> Sizes => ["2-of-3", "11-of-15", "67-of-100"];

    [GlobalSetup]
    public void Setup()
    {
        int[] size = [.. Group.Split("-of-").Select(int.Parse)];
        _dealing = Dealer.Deal(RandomNumberGenerator.GetBytes(32), size[0], size[1]).Value;
        _group = _dealing.Transcript.Verify().Value;
        _signers = SeatSet.All(size[0]);
        _tweaks = [new Tweak(Scalar.Reduce(FixedBytes.From<Bytes32>(RandomNumberGenerator.GetBytes(32))), TweakMode.XOnly)];
    }

    [GlobalCleanup]
    public void Cleanup() => _dealing.Dispose();

    [Benchmark]
    public Bytes64 Sign()
    {
        SecretNonce[] nonces = GenerateNonces();
        Commitment[] commitments = Array.ConvertAll(nonces, static nonce => nonce.Commitment);
        AggregateNonce aggregate = NonceAggregation.Aggregate(_signers, commitments).Value;
        Share[] shares = [.. _signers.Select((seat, index) => SignAs(seat, nonces[index], aggregate))];
        return Complete(commitments, aggregate, shares);
    }

    private SecretNonce[] GenerateNonces() =>
    [
        .. _signers.Select(seat => NonceGeneration.Generate(
            RandomNumberGenerator.GetBytes(32),
            _dealing.Shares[seat.Value],
            _dealing.Shares[seat.Value].PublicShare,
            _group.GroupKey.XOnly,
            _message)),
    ];

    private Share SignAs(SeatId seat, SecretNonce nonce, AggregateNonce aggregate) =>
        Signing.Sign(nonce, _dealing.Shares[seat.Value], Derive(aggregate)).Value;

    private Bytes64 Complete(Commitment[] commitments, AggregateNonce aggregate, Share[] shares)
    {
        SessionValues session = Derive(aggregate);
        int index = 0;
        foreach (SeatId seat in _signers)
        {
            Require(ShareVerification.Verify(session, seat, commitments[index], shares[index]));
            index++;
        }

        Bytes64 signature = ShareAggregation.Aggregate(session, shares).Value;
        Require(Bip340.Verify(session.Key.OutputKey, _message, signature));
        return signature;
    }

    private SessionValues Derive(AggregateNonce aggregate) =>
        SessionValues.Create(_group, _signers, aggregate, _group.Tweaked(_tweaks).Value, _message).Value;

    private static void Require(bool valid)
    {
        if (!valid)
        {
            throw new InvalidOperationException("An honest round must verify.");
        }
    }
}
