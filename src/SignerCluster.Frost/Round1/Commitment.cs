using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>The public nonce of a seat: two compressed points, 66 bytes. Infinity is not allowed in either half. The bytes may be unchecked.</summary>
public readonly record struct Commitment
{
    private readonly NoncePoints? _points;

    public Commitment(Bytes66 bytes)
        : this(bytes, new NoncePoints())
    {
    }

    private Commitment(in Bytes66 bytes, NoncePoints points)
    {
        Bytes = bytes;
        _points = points;
    }

    public Bytes66 Bytes { get; }

    public bool Equals(Commitment other) => Bytes == other.Bytes;

    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>Are both halves points in compressed form?</summary>
    public bool IsValid() => TryParse(out _, out _);

    public override string ToString() => Bytes.ToString();

    internal static Commitment From(in Point first, in Point second)
    {
        Bytes66 bytes = default;
        Bytes33 half = first.ToCompressed();
        half.AsSpan().CopyTo(bytes);
        half = second.ToCompressed();
        half.AsSpan().CopyTo(bytes[33..]);
        return new Commitment(bytes, new NoncePoints(first, second));
    }

    internal bool TryParse(out Point first, out Point second)
    {
        if (_points is { } known && known.TryGet(out first, out second))
        {
            return true;
        }

        Bytes66 bytes = Bytes;
        second = default;
        if (!Point.TryParse(bytes.AsSpan()[..33], out first) || !Point.TryParse(bytes.AsSpan()[33..], out second))
        {
            return false;
        }

        _points?.Remember(first, second);
        return true;
    }
}
