using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace SignerCluster.Chaos.Audit;

/// <summary>
/// Verifies BIP-340 signatures with nothing but big integers, as the BIP writes it down. Slow and not constant-time, which public data does not need; it shares
/// no line with the product, so a mistake there is not repeated here.
/// </summary>
internal static class Bip340
{
    private static readonly BigInteger _p = Number("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    private static readonly BigInteger _n = Number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    private static readonly Jacobian _g = new(
        Number("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
        Number("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"),
        BigInteger.One);

    private static readonly byte[] _tag = SHA256.HashData(Encoding.ASCII.GetBytes("BIP0340/challenge"));

    /// <summary>Is this a signature of the message under the key? False too for anything that is no hex of the right length.</summary>
    /// <param name="key">An x-only key, 64 hex digits.</param>
    /// <param name="message">64 hex digits.</param>
    /// <param name="signature">128 hex digits.</param>
    internal static bool Verify(string key, string message, string signature)
    {
        if (!IsHex(key, 64) || !IsHex(message, 64) || !IsHex(signature, 128) || Lift(Number(key)) is not { } point)
        {
            return false;
        }

        BigInteger r = Number(signature[..64]);
        BigInteger s = Number(signature[64..]);
        if (r >= _p || s >= _n)
        {
            return false;
        }

        byte[] challenged = [.. _tag, .. _tag, .. Convert.FromHexString(signature[..64]), .. Convert.FromHexString(key), .. Convert.FromHexString(message)];
        BigInteger e = new BigInteger(SHA256.HashData(challenged), isUnsigned: true, isBigEndian: true) % _n;
        Jacobian sum = Add(Multiply(_g, s), Multiply(point, _n - e));
        if (sum.Z.IsZero)
        {
            return false;
        }

        BigInteger inverse = BigInteger.ModPow(sum.Z, _p - 2, _p);
        BigInteger squared = Mod(inverse * inverse);
        BigInteger y = Mod(sum.Y * Mod(squared * inverse));
        return y.IsEven && Mod(sum.X * squared) == r;
    }

    private static bool IsHex(string text, int digits) => text.Length == digits && text.All(char.IsAsciiHexDigit);

    private static BigInteger Number(string hex) => BigInteger.Parse($"0{hex}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static BigInteger Mod(BigInteger value)
    {
        BigInteger rest = value % _p;
        return rest.Sign < 0 ? rest + _p : rest;
    }

    private static Jacobian? Lift(BigInteger x)
    {
        if (x >= _p)
        {
            return null;
        }

        BigInteger square = Mod(Mod(x * x) * x + 7);
        BigInteger y = BigInteger.ModPow(square, (_p + 1) / 4, _p);
        return Mod(y * y) == square ? new Jacobian(x, y.IsEven ? y : _p - y, BigInteger.One) : null;
    }

    private static Jacobian Multiply(Jacobian point, BigInteger factor)
    {
        Jacobian sum = default;
        for (long bit = (long)factor.GetBitLength() - 1; bit >= 0; bit--)
        {
            sum = Double(sum);
            if (!(factor >> (int)bit).IsEven)
            {
                sum = Add(sum, point);
            }
        }

        return sum;
    }

    private static Jacobian Double(Jacobian a)
    {
        if (a.Z.IsZero)
        {
            return a;
        }

        BigInteger squared = Mod(a.Y * a.Y);
        BigInteger s = Mod(4 * a.X * squared);
        BigInteger m = Mod(3 * a.X * a.X);
        BigInteger x = Mod(m * m - 2 * s);
        return new Jacobian(x, Mod(m * (s - x) - 8 * squared * squared), Mod(2 * a.Y * a.Z));
    }

    private static Jacobian Add(Jacobian a, Jacobian b)
    {
        if (a.Z.IsZero || b.Z.IsZero)
        {
            return a.Z.IsZero ? b : a;
        }

        BigInteger az = Mod(a.Z * a.Z);
        BigInteger bz = Mod(b.Z * b.Z);
        BigInteger u = Mod(a.X * bz);
        BigInteger h = Mod(b.X * az - u);
        BigInteger s = Mod(a.Y * Mod(bz * b.Z));
        BigInteger r = Mod(b.Y * Mod(az * a.Z) - s);
        if (h.IsZero)
        {
            return r.IsZero ? Double(a) : default;
        }

        BigInteger h2 = Mod(h * h);
        BigInteger h3 = Mod(h2 * h);
        BigInteger x = Mod(r * r - h3 - 2 * u * h2);
        return new Jacobian(x, Mod(r * (u * h2 - x) - s * h3), Mod(h * Mod(a.Z * b.Z)));
    }

    /// <summary>Z = 0 is the point at infinity, which is also the default.</summary>
    private readonly record struct Jacobian(BigInteger X, BigInteger Y, BigInteger Z);
}
