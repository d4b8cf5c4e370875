using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>The sum of the signers' public nonces: two points, 66 bytes, 33 zero bytes standing for infinity. The bytes may be unchecked.</summary>
public readonly record struct AggregateNonce
{
    private readonly NoncePoints? _sums;

    public AggregateNonce(Bytes66 bytes) => Bytes = bytes;

    private AggregateNonce(in Bytes66 bytes, NoncePoints sums)
    {
        Bytes = bytes;
        _sums = sums;
    }

    public Bytes66 Bytes { get; }

    public bool Equals(AggregateNonce other) => Bytes == other.Bytes;

    public override int GetHashCode() => Bytes.GetHashCode();

    public override string ToString() => Bytes.ToString();

    internal static AggregateNonce From(in Point first, in Point second)
    {
        Bytes66 bytes = default;
        Bytes33 half = first.ToExtended();
        half.AsSpan().CopyTo(bytes);
        half = second.ToExtended();
        half.AsSpan().CopyTo(bytes[33..]);
        return new AggregateNonce(bytes, new NoncePoints(first, second));
    }

    internal bool TryParse(out Point first, out Point second)
    {
        if (_sums is { } known && known.TryGet(out first, out second))
        {
            return true;
        }

        Bytes66 bytes = Bytes;
        second = default;
        return Point.TryParseExtended(bytes.AsSpan()[..33], out first) && Point.TryParseExtended(bytes.AsSpan()[33..], out second);
    }
}
