using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace SignerCluster.Secp256k1.Tests;

/// <summary>secp256k1 a second time: BouncyCastle's curve, to compare the library with. Public test values only.</summary>
internal static class CurveTwin
{
    private static readonly X9ECParameters _curve = CustomNamedCurves.GetByName("secp256k1");

    internal static readonly BigInteger P = Int(_curve.Curve.Field.Characteristic.ToByteArrayUnsigned());
    internal static readonly BigInteger N = Int(_curve.N.ToByteArrayUnsigned());
    internal static readonly ECPoint G = _curve.G;
    internal static readonly ECPoint Infinity = _curve.Curve.Infinity;

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

    internal static ECPoint Multiply(BigInteger factor, ECPoint point) => point.Multiply(new Org.BouncyCastle.Math.BigInteger(1, Bytes(Mod(factor, N))));

    /// <summary>The x of a point that is not infinity.</summary>
    internal static byte[] X(ECPoint point) => Encode(point)[1..];

    internal static bool HasEvenY(ECPoint point) => Encode(point)[0] == 2;

    /// <summary>Infinity as 33 zero bytes.</summary>
    internal static byte[] Encode(ECPoint point) => point.IsInfinity ? new byte[33] : point.GetEncoded(true);

    /// <exception cref="ArgumentException">The curve has no point of this encoding.</exception>
    internal static ECPoint Decode(ReadOnlySpan<byte> bytes33) => bytes33.ContainsAnyExcept((byte)0) ? _curve.Curve.DecodePoint(bytes33) : Infinity;

    internal static BigInteger TaggedHash(string tag, params byte[][] parts)
    {
        byte[] prefix = SHA256.HashData(Encoding.UTF8.GetBytes(tag));
        return Int(SHA256.HashData([.. prefix, .. prefix, .. parts.SelectMany(static part => part)]));
    }
}
