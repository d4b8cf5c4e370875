using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Conformance;

/// <summary>A real FROST group with all of its shares, and what tests build from it.</summary>
public sealed class TestGroup : IDisposable
{
    private readonly Dealing _dealing;
    private int _drawn;

    public TestGroup(int threshold, int participants)
    {
        byte[] entropy = [.. Enumerable.Range(7, 32).Select(static value => (byte)value)];
        _dealing = Dealer.Deal(entropy, threshold, participants).Value;
        Public = _dealing.Transcript.Verify().Value;
        Id = new GroupId(Public.GroupKey.XOnly);
    }

    public ThresholdInfo Public { get; }

    public GroupId Id { get; }

    public Standing Standing => new(Public, Public.Seats, GroupLifecycle.Active, AllowRaw: true, default);

    public SecretShare ShareOf(SeatId seat) => _dealing.Shares[seat.Value];

    /// <summary>A request under a tweak, so that whatever forgets the tweak fails.</summary>
    public SigningRequest Request(byte message) => new(
        Id,
        FixedBytes.From<Bytes32>(Enumerable.Repeat(message, 32).ToArray()),
        new TweakList(new Tweak(Scalar.FromUInt64(11), TweakMode.XOnly)),
        new PolicyArtefact.Raw());

    /// <summary>Never the same bytes twice.</summary>
    public void Draw(Span<byte> destination)
    {
        destination.Fill(0x5A);
        BitConverter.TryWriteBytes(destination, Interlocked.Increment(ref _drawn));
    }

    public SecretNonce DrawNonce()
    {
        Span<byte> random32 = stackalloc byte[32];
        Draw(random32);
        return NonceGeneration.Generate(random32);
    }

    public bool Verifies(SigningPackage package, SeatId seat, Batch<Share> share) =>
        package.Commitments.TryGet(seat, out Batch<Commitment>? commitment) && share.Count == commitment.Count
        && package.Values(Public).Value.Select((values, message) => ShareVerification.Verify(values, seat, commitment[message], share[message]))
            .All(static isGood => isGood);

    public void Dispose() => _dealing.Dispose();
}
