using System.Buffers.Binary;
using System.Numerics;
using Org.BouncyCastle.Math.EC;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

/// <summary>BIP-445 written a second time, from its formulas and over the twin's curve, to compare the library with.</summary>
internal static class FrostTwin
{
    /// <summary>λ = Π (j+1) / (j - i) over the other identifiers j.</summary>
    internal static BigInteger Lambda(IEnumerable<int> ids, int member)
    {
        int[] others = [.. ids.Where(id => id != member)];
        BigInteger above = others.Aggregate(BigInteger.One, static (product, id) => product * (id + 1));
        BigInteger below = others.Aggregate(BigInteger.One, (product, id) => product * (id - member));
        return CurveTwin.Mod(above * CurveTwin.Inverse(below, CurveTwin.N), CurveTwin.N);
    }

    internal static byte[] AggregateNonces(IReadOnlyList<byte[]> commitments)
    {
        ECPoint first = CurveTwin.Infinity;
        ECPoint second = CurveTwin.Infinity;
        foreach (byte[] commitment in commitments)
        {
            first = first.Add(CurveTwin.Decode(commitment.AsSpan(0, 33)));
            second = second.Add(CurveTwin.Decode(commitment.AsSpan(33)));
        }

        return [.. CurveTwin.Encode(first), .. CurveTwin.Encode(second)];
    }

    internal static TwinKey Tweak(ECPoint groupKey, IEnumerable<Tweak> tweaks)
    {
        TwinKey key = new(groupKey, 1, 0);
        foreach (Tweak tweak in tweaks)
        {
            int sign = tweak.Mode == TweakMode.XOnly && !CurveTwin.HasEvenY(key.Point) ? -1 : 1;
            BigInteger value = CurveTwin.Int(tweak.Value);
            ECPoint point = CurveTwin.Multiply(sign, key.Point).Add(CurveTwin.Multiply(value, CurveTwin.G));
            key = new TwinKey(point, sign * key.Sign, CurveTwin.Mod(value + (sign * key.Sum), CurveTwin.N));
        }

        return key;
    }

    internal static TwinSession Session(IReadOnlyList<int> ids, byte[] aggregateNonce, TwinKey key, byte[] message)
    {
        byte[] x = CurveTwin.X(key.Point);
        BigInteger b = CurveTwin.TaggedHash("BIP0445/noncecoef", [Word(ids.Count), .. ids.Order().Select(Word), aggregateNonce, x, message]) % CurveTwin.N;
        ECPoint sum = CurveTwin.Decode(aggregateNonce.AsSpan(0, 33)).Add(CurveTwin.Multiply(b, CurveTwin.Decode(aggregateNonce.AsSpan(33))));
        ECPoint nonce = sum.IsInfinity ? CurveTwin.G : sum;
        BigInteger e = CurveTwin.TaggedHash("BIP0340/challenge", CurveTwin.X(nonce), x, message) % CurveTwin.N;
        return new TwinSession(ids, key, b, nonce, e);
    }

    /// <summary>s = ±(k1 + b·k2) + e·λ·g·gacc·d.</summary>
    internal static BigInteger Sign(TwinSession session, int id, BigInteger secretShare, BigInteger first, BigInteger second)
    {
        int nonceSign = CurveTwin.HasEvenY(session.Nonce) ? 1 : -1;
        BigInteger weight = session.E * Lambda(session.Ids, id) * session.KeySign * session.Key.Sign;
        return CurveTwin.Mod((nonceSign * (first + (session.B * second))) + (weight * secretShare), CurveTwin.N);
    }

    /// <summary>x(R) ‖ Σ s + e·g·tacc.</summary>
    internal static byte[] Aggregate(TwinSession session, IEnumerable<BigInteger> shares)
    {
        BigInteger sum = shares.Aggregate(session.E * session.KeySign * session.Key.Sum, BigInteger.Add);
        return [.. CurveTwin.X(session.Nonce), .. CurveTwin.Bytes(CurveTwin.Mod(sum, CurveTwin.N))];
    }

    internal static byte[] Word(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}

internal sealed record TwinKey(ECPoint Point, int Sign, BigInteger Sum);

internal sealed record TwinSession(IReadOnlyList<int> Ids, TwinKey Key, BigInteger B, ECPoint Nonce, BigInteger E)
{
    internal int KeySign => CurveTwin.HasEvenY(Key.Point) ? 1 : -1;
}
