using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace SignerCluster.Secp256k1.Tests;

/// <summary>
/// secp256k1 written twice: the school-book formulas over BigInteger, slow and obvious, to compare the library with.
/// A null point is infinity. Public test values only.
/// </summary>
internal static class CurveTwin
{
    internal static readonly BigInteger P = Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");
    internal static readonly BigInteger N = Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");

    internal static readonly (BigInteger X, BigInteger Y)? G = (
        Hex("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"),
        Hex("483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"));

    internal static BigInteger Hex(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    internal static BigInteger Int(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    internal static BigInteger Int(Scalar scalar) => Int(scalar.ToBytes());

    internal static BigInteger Int(Bytes32 bytes) => Int(bytes.AsSpan());

    internal static byte[] Bytes(BigInteger value)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    internal static Scalar Scalar(BigInteger value) => Secp256k1.Scalar.Parse(Bytes(Mod(value, N)));

    internal static BigInteger Mod(BigInteger value, BigInteger modulus) => ((value % modulus) + modulus) % modulus;

    /// <summary>Fermat: a^(m-2).</summary>
    internal static BigInteger Inverse(BigInteger value, BigInteger modulus) => BigInteger.ModPow(Mod(value, modulus), modulus - 2, modulus);

    internal static (BigInteger X, BigInteger Y)? Add((BigInteger X, BigInteger Y)? left, (BigInteger X, BigInteger Y)? right)
    {
        if (left is not { } a || right is not { } b)
        {
            return left ?? right;
        }

        if (a.X == b.X && Mod(a.Y + b.Y, P).IsZero)
        {
            return null;
        }

        BigInteger slope = a == b ? 3 * a.X * a.X * Inverse(2 * a.Y, P) : (b.Y - a.Y) * Inverse(b.X - a.X, P);
        BigInteger x = Mod((slope * slope) - a.X - b.X, P);
        return (x, Mod((slope * (a.X - x)) - a.Y, P));
    }

    internal static (BigInteger X, BigInteger Y)? Negate((BigInteger X, BigInteger Y)? point) => point is { } p ? (p.X, P - p.Y) : null;

    internal static (BigInteger X, BigInteger Y)? Multiply(BigInteger factor, (BigInteger X, BigInteger Y)? point)
    {
        (BigInteger X, BigInteger Y)? sum = null;
        for (BigInteger rest = Mod(factor, N); !rest.IsZero; rest >>= 1)
        {
            sum = rest.IsEven ? sum : Add(sum, point);
            point = Add(point, point);
        }

        return sum;
    }

    /// <summary>Infinity as 33 zero bytes.</summary>
    internal static byte[] Encode((BigInteger X, BigInteger Y)? point) =>
        point is { } p ? [(byte)(p.Y.IsEven ? 2 : 3), .. Bytes(p.X)] : new byte[33];

    internal static (BigInteger X, BigInteger Y)? Decode(ReadOnlySpan<byte> bytes33)
    {
        if (!bytes33.ContainsAnyExcept((byte)0))
        {
            return null;
        }

        BigInteger x = Int(bytes33[1..]);
        BigInteger y = BigInteger.ModPow((x * x * x) + 7, (P + 1) / 4, P);
        return (x, y.IsEven == (bytes33[0] == 2) ? y : P - y);
    }

    internal static BigInteger TaggedHash(string tag, params byte[][] parts)
    {
        byte[] prefix = SHA256.HashData(Encoding.UTF8.GetBytes(tag));
        return Int(SHA256.HashData([.. prefix, .. prefix, .. parts.SelectMany(static part => part)]));
    }
}
