using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime.Tests;

/// <summary>A real FROST group with all of its shares, and what tests build from it.</summary>
internal sealed class TestGroup : IDisposable
{
    private readonly Dealing _dealing;
    private int _drawn;

    internal TestGroup(int threshold, int participants)
    {
        byte[] entropy = [.. Enumerable.Range(7, 32).Select(static value => (byte)value)];
        _dealing = Dealer.Deal(entropy, threshold, participants).Value;
        Public = _dealing.Transcript.Verify().Value;
        Id = new GroupId(Public.GroupKey.XOnly);
    }

    internal ThresholdInfo Public { get; }

    internal GroupId Id { get; }

    internal Standing Standing => new(Public, Public.Seats, GroupLifecycle.Active, AllowRaw: true, default);

    internal SecretShare ShareOf(SeatId seat) => _dealing.Shares[seat.Value];

    /// <summary>A request under a tweak, so that whatever forgets the tweak fails.</summary>
    internal SigningRequest Request(byte message) => new(
        Id, FixedBytes.From<Bytes32>(Enumerable.Repeat(message, 32).ToArray()), new TweakList(new Tweak(Scalar.FromUInt64(11), TweakMode.XOnly)), new PolicyArtefact.Raw());

    /// <summary>Never the same bytes twice.</summary>
    internal void Draw(Span<byte> destination)
    {
        destination.Fill(0x5A);
        BitConverter.TryWriteBytes(destination, Interlocked.Increment(ref _drawn));
    }

    internal SecretNonce DrawNonce()
    {
        Span<byte> random32 = stackalloc byte[32];
        Draw(random32);
        return NonceGeneration.Generate(random32);
    }

    internal bool Verifies(SigningPackage package, SeatId seat, Share share) =>
        package.Commitments.TryGet(seat, out Commitment commitment) && ShareVerification.Verify(package.Values(Public).Value, seat, commitment, share);

    public void Dispose() => _dealing.Dispose();
}
