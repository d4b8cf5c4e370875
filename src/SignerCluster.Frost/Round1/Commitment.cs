using SignerCluster.Secp256k1;

namespace SignerCluster.Frost;

/// <summary>The public nonce of a seat: two compressed points, 66 bytes. Infinity is not allowed in either half. The bytes may be unchecked.</summary>
public readonly record struct Commitment(Bytes66 Bytes)
{
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
        return new Commitment(bytes);
    }

    internal bool TryParse(out Point first, out Point second)
    {
        Bytes66 bytes = Bytes;
        second = default;
        return Point.TryParse(bytes.AsSpan()[..33], out first) && Point.TryParse(bytes.AsSpan()[33..], out second);
    }
}

/// <summary>The sum of the signers' public nonces: two points, 66 bytes, 33 zero bytes standing for infinity. The bytes may be unchecked.</summary>
public readonly record struct AggregateNonce(Bytes66 Bytes)
{
    public override string ToString() => Bytes.ToString();

    internal static AggregateNonce From(in Point first, in Point second)
    {
        Bytes66 bytes = default;
        Bytes33 half = first.ToExtended();
        half.AsSpan().CopyTo(bytes);
        half = second.ToExtended();
        half.AsSpan().CopyTo(bytes[33..]);
        return new AggregateNonce(bytes);
    }

    internal bool TryParse(out Point first, out Point second)
    {
        Bytes66 bytes = Bytes;
        second = default;
        return Point.TryParseExtended(bytes.AsSpan()[..33], out first) && Point.TryParseExtended(bytes.AsSpan()[33..], out second);
    }
}
